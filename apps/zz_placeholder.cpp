int placeholder_apps;
