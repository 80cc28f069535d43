"""Training steps of PyTorch on one thread, for `bench_learning` to compare with.

Reads a line "MODEL BATCH SECONDS" at a time and answers with samples a second: forward pass, loss, backward pass
and a step of plain SGD on one and the same minibatch. Ends with its input.
"""

import sys
import time

import torch
from torch import nn


class LastStep(nn.Module):
    """The last output of an LSTM over a window of numbers, one a step."""

    def __init__(self, units):
        super().__init__()
        self.lstm = nn.LSTM(1, units, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0][:, -1]


def mlp():
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)), (784,)


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(7 * 7 * 64, 128), nn.ReLU(), nn.Linear(128, 10)), (1, 28, 28)


def cifar_cnn():
    return nn.Sequential(
        nn.Conv2d(3, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1),
        nn.LocalResponseNorm(9, alpha=0.001, beta=0.75, k=1.0),
        nn.Conv2d(64, 64, 5, padding=2), nn.ReLU(),
        nn.LocalResponseNorm(9, alpha=0.001, beta=0.75, k=1.0), nn.MaxPool2d(3, 2, padding=1),
        nn.Flatten(), nn.Linear(8 * 8 * 64, 10)), (3, 32, 32)


def lstm():
    return nn.Sequential(LastStep(128), nn.Linear(128, 384), nn.ReLU(), nn.Linear(384, 10)), (10, 1)


def rate(model, batch, seconds):
    """Samples a second over about so many seconds, after a warm-up."""
    torch.manual_seed(1)
    network, shape = {"mlp": mlp, "cnn": cnn, "cifar_cnn": cifar_cnn, "lstm": lstm}[model]()
    x = torch.randn(batch, *shape)
    y = torch.randint(10, (batch,))
    loss = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.001)

    def step():
        optimizer.zero_grad()
        loss(network(x), y).backward()
        optimizer.step()

    step()
    step()
    steps = 0
    began = time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds:
        step()
        steps += 1
    return steps * batch / elapsed


def main():
    torch.set_num_threads(1)
    for line in sys.stdin:
        model, batch, seconds = line.split()
        print(rate(model, int(batch), float(seconds)), flush=True)


if __name__ == "__main__":
    main()
