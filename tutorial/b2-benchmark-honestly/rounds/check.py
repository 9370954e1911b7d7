"""Figures with a known answer. What is random is the scale, and the answer is told without it."""

import math
import random as randomness

import glass_course


def check(name, random):
    rounds = glass_course.load("rounds.py")
    dice = randomness.Random(random)
    if name == "turns":
        return rounds.turns([random, "b", "c"], 4)
    if name == "steady":
        return steady(rounds, dice.randrange(2, 9))
    if name == "inverse":
        a, b = ([dice.uniform(1, 5) for _ in range(6)] for _ in range(2))
        there, back = rounds.ratio(a, b), rounds.ratio(b, a)
        return [round(there[0] * back[0], 6), round(there[1] * back[2], 6)]
    if name == "drift":
        drift = [dice.uniform(0.5, 2) for _ in range(7)]
        return [round(value, 6) for value in rounds.ratio([2 * d for d in drift], drift)]
    if name == "interval":
        return [round(value, 3) for value in rounds.ratio([210, 95, 420, 230], [100, 50, 200, 120])]
    return compared(rounds, dice)


def steady(rounds, scale):
    """A server that takes two seconds to get warm. In the next three it answers 400 requests a second, for 0.1 s of CPU."""
    samples, answers, cpu = [(0, 0, 0.0)], 0, 0.0
    for second, (more, cost) in enumerate([(60, 0.9), (140, 0.5), (500, 0.1), (400, 0.1), (300, 0.1)], 1):
        answers, cpu = answers + more, cpu + cost
        samples.append((second, answers * scale, cpu * scale))
    rate, cpu = rounds.steady(samples, 2)
    return {"rate": round(rate / scale, 3), "cpu_us": round(cpu * 1e6, 3)}


def compared(rounds, dice):
    """Any figures, against what should come back."""
    n = dice.randrange(3, 10)
    of, over = ([round(dice.uniform(50, 150)) for _ in range(n)] for _ in range(2))
    logs = [math.log(a / b) for a, b in zip(of, over)]
    middle = sum(logs) / n
    half = rounds.STUDENT[n] * math.sqrt(sum((x - middle) ** 2 for x in logs) / (n - 1) / n)
    should = [round(math.exp(x), 3) for x in (middle, middle - half, middle + half)]
    got = [round(x, 3) for x in rounds.ratio(of, over)]
    return "right" if got == should else {"of": of, "over": over, "ratio": got, "should_be": should}
