"""Follows PyTorch's SGD, momentum, Nesterov and Adam step for step.

usage: python3 tests/long/optimisers.py BUILD_FOLDER

Each path that BUILD_FOLDER/tests/long/optimiser_trajectories prints is walked again by PyTorch (the
package python3-torch), from the same start, on the same rows in the same batches, in double
precision, with gradients of its own. Exit code: 0 where all parameters agree to 1e-12 after every
step, 1 where some do not, 2 where the comparison could not be made.
"""

import json
import os
import subprocess
import sys

try:
    import torch
except ImportError:
    # Debian's modules are for Debian's Python, which need not be the first on the path.
    debian = "/usr/bin/python3"
    if os.path.exists(debian) and not os.path.samefile(sys.executable, debian):
        os.execv(debian, [debian, *sys.argv])
    print("error: there is no PyTorch here: apt-get install python3-torch", file=sys.stderr)
    sys.exit(2)

TOLERANCE = 1e-12


def logistic(p, X, y):
    z = X @ p[:3] + p[3]
    return torch.nn.functional.binary_cross_entropy_with_logits(z, y)


def network(p, X, y):
    return ((p[1] * torch.tanh(p[0] * X[:, 0]) - y) ** 2).mean()


LOSSES = {"logistic": logistic, "network": network}


def optimiser_of(case, p):
    rate = case["rate"]
    if case["solver"] == "adam":
        return torch.optim.Adam([p], lr=rate)
    if case["solver"] == "sgd":
        return torch.optim.SGD([p], lr=rate)
    return torch.optim.SGD(
        [p], lr=rate, momentum=case["momentum"], nesterov=case["solver"] == "nesterov"
    )


def schedule_of(case, optimiser):
    if case["schedule"] == "step":
        return torch.optim.lr_scheduler.StepLR(
            optimiser, case["step_every"], gamma=case["step_factor"]
        )
    if case["schedule"] == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, case["epochs"])
    return torch.optim.lr_scheduler.LambdaLR(optimiser, lambda epoch: 1.0)


def largest_difference(case, X, y):
    """The largest relative distance of two paths, and the number of steps they share."""
    p = torch.tensor(case["path"][0], dtype=torch.float64, requires_grad=True)
    optimiser = optimiser_of(case, p)
    schedule = schedule_of(case, optimiser)
    everything = list(range(len(y)))
    batches = case["batches"] or [everything] * case["epochs"]
    of_an_epoch = len(batches) // case["epochs"]
    assert len(case["path"]) == len(batches) + 1
    largest = 0.0
    for step, batch in enumerate(batches, start=1):
        optimiser.zero_grad()
        LOSSES[case["problem"]](p, X[batch], y[batch]).backward()
        optimiser.step()
        if step % of_an_epoch == 0:
            schedule.step()
        ours = torch.tensor(case["path"][step], dtype=torch.float64)
        difference = (ours - p.detach()).abs() / p.detach().abs().clamp(min=1.0)
        largest = max(largest, difference.max().item())
    return largest, len(batches)


def main(build_folder):
    program = os.path.join(build_folder, "tests", "long", "optimiser_trajectories")
    try:
        run = subprocess.run([program], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    printed = json.loads(run.stdout)
    X = torch.tensor(printed["X"], dtype=torch.float64).reshape(-1, 3)
    y = torch.tensor(printed["y"], dtype=torch.float64)
    print(f"PyTorch {torch.__version__}, largest difference of a parameter after any step")
    failures = 0
    for case in printed["cases"]:
        largest, steps = largest_difference(case, X, y)
        agrees = largest <= TOLERANCE  # Not so for a NaN.
        failures += not agrees
        rows = "batches " if case["batches"] else "all rows"
        print(
            f"{'ok  ' if agrees else 'FAIL'} {case['problem']:9}{case['solver']:9}"
            f"{case['schedule']:9} {rows} {steps:4} steps  {largest:.1e}"
        )
    print(f"{len(printed['cases']) - failures} of {len(printed['cases'])} paths agree to {TOLERANCE}")
    return 1 if failures or not printed["cases"] else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
