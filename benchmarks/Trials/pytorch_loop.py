"""Trains models one after another, by the loop of PyTorch's tutorials. Prints the processor's seconds and the clock's."""

import sys
import time

import torch
from torch import nn
from torch.nn import functional

CLASSES = 10


def model(name):
    if name == "cnn":
        return nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)),
            nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(16 * 7 * 7, 64), nn.ReLU(), nn.Linear(64, CLASSES))
    if name == "mlp":
        return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, CLASSES))
    return nn.Linear(100, CLASSES)


def train(name, features, labels, epochs, batch_size):
    network = model(name)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    steps = epochs * -(-len(labels) // batch_size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(labels)).split(batch_size):
            loss = functional.cross_entropy(network(features[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def main(name, trainings, rows, epochs, batch_size):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    features = torch.rand(rows, {"cnn": 784, "mlp": 64, "linear": 100}[name])
    labels = torch.randint(CLASSES, (rows,))
    train(name, features, labels, epochs, batch_size)
    processor, clock = time.process_time(), time.perf_counter()
    for _ in range(trainings):
        train(name, features, labels, epochs, batch_size)
    print(time.process_time() - processor, time.perf_counter() - clock, torch.__version__)


main(sys.argv[1], *map(int, sys.argv[2:]))
