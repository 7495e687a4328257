"""Runs one peer from PyPI on its workload: python.py NAME.

Prints one JSON object: peer, version, wall and processor seconds (medians), and `times`, by how
much a part that was run stands for the whole.
"""

import importlib.metadata
import json
import random
import statistics
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")


def report(package, work, runs=3, times=1):
    wall, processor = [], []
    for _ in range(runs):
        begun, used = time.perf_counter(), time.process_time()
        work()
        processor.append(time.process_time() - used)
        wall.append(time.perf_counter() - begun)
    print(json.dumps({
        "peer": package,
        "version": importlib.metadata.version(package),
        "wall": statistics.median(wall) * times,
        "processor": statistics.median(processor) * times,
        "times": times,
    }))


def areas():
    """35,672 areas, the number of LSOAs in England and Wales, with eight neighbours each."""
    from libpysal.weights import KNN

    rng = np.random.default_rng(1)
    points = rng.uniform(0, 500_000, (35_672, 2))
    return rng.negative_binomial(1.2, 0.05, 35_672).astype(float), KNN.from_array(points, k=8)


def gistar_analytic():
    from esda.getisord import G_Local

    counts, weights = areas()
    work = lambda: G_Local(counts, weights, transform="B", star=True, permutations=0)
    work()
    report("esda", work)


def gistar_9999():
    from esda.getisord import G_Local

    counts, weights = areas()
    work = lambda draws: G_Local(counts, weights, transform="B", star=True, permutations=draws, n_jobs=1, seed=1)
    work(9)
    report("esda", lambda: work(9999), runs=1)


def moran_local_9999():
    from esda.moran import Moran_Local

    counts, weights = areas()
    work = lambda draws: Moran_Local(counts, weights, transformation="r", permutations=draws, n_jobs=1, seed=1)
    work(9)
    report("esda", lambda: work(9999), runs=1)


def kde():
    from sklearn.neighbors import KernelDensity

    rng = np.random.default_rng(2)
    clusters = [(2500 + 5000 * i, 3000 + 4000 * j) for i in range(4) for j in range(2)]
    points = np.concatenate([rng.normal(centre, 900, (12_500, 2)) for centre in clusters])
    side = np.linspace(0, 20_000, 1000)
    x, y = np.meshgrid(side, side)
    grid = np.c_[x.ravel(), y.ravel()]
    part = grid[rng.choice(len(grid), 50_000, replace=False)]
    fitted = KernelDensity(kernel="epanechnikov", bandwidth=300).fit(points)
    report("scikit-learn", lambda: fitted.score_samples(part), times=20)


def knox():
    from pointpats import Knox

    rng = np.random.default_rng(8)
    places = rng.uniform(0, 10_000, (2000, 2))
    days = rng.integers(0, 365, 2000).reshape(-1, 1)
    work = lambda draws: Knox(places, days, 200, 14, permutations=draws)
    work(9)
    report("pointpats", lambda: work(999), runs=1)


CALLS_A_MINUTE = 600_000 / 525_600


def line_year_ciw():
    import ciw

    def work():
        network = ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(CALLS_A_MINUTE)],
            service_distributions=[ciw.dists.Exponential(1 / 7)],
            reneging_time_distributions=[ciw.dists.Exponential(1 / 4)],
            number_of_servers=[10],
        )
        ciw.seed(1)
        ciw.Simulation(network).simulate_until_max_time(525_600)

    report("ciw", work, runs=1)


def line_year_simpy():
    import simpy

    def work():
        random.seed(1)
        clock = simpy.Environment()
        handlers = simpy.Resource(clock, 10)

        def call():
            with handlers.request() as answer:
                heard = yield answer | clock.timeout(random.expovariate(1 / 4))
                if answer in heard:
                    yield clock.timeout(random.expovariate(1 / 7))

        def calls():
            while True:
                yield clock.timeout(random.expovariate(CALLS_A_MINUTE))
                clock.process(call())

        clock.process(calls())
        clock.run(until=525_600)

    report("simpy", work, runs=1)


def loads():
    return [5 + (i * 37 % 90) for i in range(2016)]


def erlang_c():
    from pyworkforce.queuing import ErlangC

    def work():
        for load in loads():
            line = ErlangC(transactions=load, aht=7, asa=10 / 60, interval=15)
            line.required_positions(service_level=0.9, max_occupancy=0.95)

    report("pyworkforce", work)


def months(count=688, length=180):
    rng = np.random.default_rng(3)
    t = np.arange(length)
    rows = []
    for _ in range(count):
        level = rng.uniform(50, 3000)
        shape = 1 + 0.15 * np.sin(2 * np.pi * t / 12 + rng.uniform(0, 6)) + 0.001 * rng.normal() * t
        rows.append(np.maximum(1, level * shape + rng.normal(0, 0.06 * level, length)))
    return np.array(rows)


def stl(robust=False):
    from statsmodels.tsa.seasonal import STL

    series = months()
    report("statsmodels", lambda: [STL(row, period=12, robust=robust).fit() for row in series])


def stl_robust():
    stl(robust=True)


def autoets():
    import pandas as pd
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS

    series = months()
    dates = pd.date_range("2011-01-01", periods=180, freq="MS")
    frame = pd.DataFrame({
        "unique_id": np.repeat(np.arange(len(series)), 180),
        "ds": np.tile(dates, len(series)),
        "y": series.ravel(),
    })
    work = lambda rows: StatsForecast([AutoETS(season_length=12)], freq="MS", n_jobs=1).forecast(df=rows, h=12)
    work(frame[frame.unique_id < 2])
    report("statsforecast", lambda: work(frame), runs=1)


def synthetic_control():
    import pandas as pd
    from pysyncon import Dataprep, Synth
    from pysyncon.utils import PlaceboTest

    rng = np.random.default_rng(5)
    factors = rng.normal(size=(43, 3)).cumsum(0)
    loadings = rng.uniform(0.2, 1, (18, 3))
    outcome = factors @ loadings.T + 10 + rng.normal(0, 0.1, (43, 18))
    rows = [
        {"unit": f"u{i}", "t": 1955 + t, "y": outcome[t, i],
         "x1": loadings[i, 0] + rng.normal(0, 0.01), "x2": loadings[i, 1] + rng.normal(0, 0.01)}
        for i in range(18) for t in range(43)
    ]
    before = range(1955, 1970)
    panel = Dataprep(
        foo=pd.DataFrame(rows), predictors=["x1", "x2"], predictors_op="mean",
        time_predictors_prior=before, special_predictors=[("y", before, "mean")],
        dependent="y", unit_variable="unit", time_variable="t", treatment_identifier="u0",
        controls_identifier=[f"u{i}" for i in range(1, 18)], time_optimize_ssr=before,
    )
    options = {"optim_method": "Nelder-Mead", "optim_initial": "equal"}
    # The placebos run in a child process: the processor figure would miss them.
    begun = time.perf_counter()
    Synth().fit(dataprep=panel, **options)
    PlaceboTest().fit(dataprep=panel, scm=Synth(), max_workers=1, scm_options=options)
    print(json.dumps({
        "peer": "pysyncon", "version": importlib.metadata.version("pysyncon"),
        "wall": time.perf_counter() - begun, "processor": None, "times": 1,
    }))


def causal_impact():
    import pandas as pd
    from causal_impact import CausalImpact

    rng = np.random.default_rng(6)
    x = 100 + rng.normal(0, 1, 1000).cumsum() * 0.3
    y = 1.2 * x + rng.normal(0, 1, 1000)
    y[800:] += 5
    frame = pd.DataFrame({"y": y, "x": x})
    work = lambda: CausalImpact(frame, [0, 799], [800, 999]).summary()
    work()
    report("bsts-causalimpact", work)


def cases():
    rng = np.random.default_rng(7)
    count = 1_000_000
    return np.ceil(rng.weibull(0.8, count) * 60), rng.integers(0, 3, count), rng.integers(0, 43, count), rng


def km():
    from lifelines import KaplanMeierFitter

    times, events, _, _ = cases()
    report("lifelines", lambda: KaplanMeierFitter().fit(times, events > 0))


def logrank():
    from lifelines.statistics import multivariate_logrank_test

    times, events, groups, _ = cases()
    report("lifelines", lambda: multivariate_logrank_test(times, groups, events > 0))


def aalen_johansen():
    from lifelines import AalenJohansenFitter

    times, events, _, _ = cases()
    report("lifelines", lambda: AalenJohansenFitter(calculate_variance=False).fit(times, events, event_of_interest=1), runs=1)


def cox():
    import pandas as pd
    from lifelines import CoxPHFitter

    times, events, _, rng = cases()
    frame = pd.DataFrame({
        "t": times[:200_000], "e": (events > 0)[:200_000].astype(int),
        "a": rng.normal(size=200_000), "b": rng.integers(0, 2, 200_000),
    })
    report("lifelines", lambda: CoxPHFitter().fit(frame, "t", "e"), runs=1)


def did():
    import pandas as pd
    import pyfixest

    rng = np.random.default_rng(9)
    units, length = 2000, 60
    frame = pd.DataFrame({"u": np.repeat(np.arange(units), length), "t": np.tile(np.arange(length), units)})
    frame["d"] = ((frame.u < 400) & (frame.t >= 36)).astype(int)
    frame["y"] = rng.normal(size=len(frame)) + frame.u % 7 + frame.t * 0.1 - 0.3 * frame.d
    work = lambda rows: pyfixest.feols("y ~ d | u + t", rows, vcov={"CRV1": "u"})
    work(frame[frame.u % 20 == 0])
    report("pyfixest", lambda: work(frame))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
