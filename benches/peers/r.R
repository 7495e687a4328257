# Runs one peer from Debian's R packages on its workload: Rscript r.R NAME.
# Prints one JSON object, as python.py does.
suppressPackageStartupMessages(library(jsonlite))

report <- function(package, work, runs = 3, times = 1) {
  wall <- processor <- numeric(0)
  for (run in seq_len(runs)) {
    took <- system.time(work())
    wall <- c(wall, took[["elapsed"]])
    processor <- c(processor, took[["user.self"]] + took[["sys.self"]])
  }
  cat(toJSON(list(
    peer = package, version = as.character(packageVersion(package)),
    wall = median(wall) * times, processor = median(processor) * times, times = times
  ), auto_unbox = TRUE, digits = 8), "\n")
}

peers <- list()

peers$gistar_analytic <- function() {
  suppressPackageStartupMessages(library(spdep))
  set.seed(4)
  places <- matrix(runif(2 * 35672, 0, 5e5), 35672)
  counts <- rnbinom(35672, 1.2, .05)
  weights <- nb2listw(include.self(knn2nb(knearneigh(places, 8))), style = "B")
  report("spdep", function() localG(counts, weights))
}

peers$kde_fft <- function() {
  suppressPackageStartupMessages(library(spatstat.explore))
  set.seed(3)
  places <- cbind(c(rnorm(5e4, 6000, 900), rnorm(5e4, 13000, 1500)), c(rnorm(5e4, 7000, 900), rnorm(5e4, 12000, 1500)))
  places <- pmin(pmax(places, 1), 19999)
  points <- suppressWarnings(ppp(places[, 1], places[, 2], window = owin(c(0, 20000), c(0, 20000))))
  report("spatstat.explore", function() density(points, sigma = 300, dimyx = 1000, edge = TRUE, diggle = TRUE))
}

peers$kde_binned <- function() {
  suppressPackageStartupMessages(library(KernSmooth))
  set.seed(3)
  places <- cbind(c(rnorm(5e4, 6000, 900), rnorm(5e4, 13000, 1500)), c(rnorm(5e4, 7000, 900), rnorm(5e4, 12000, 1500)))
  report("KernSmooth", function() bkde2D(places, 300, gridsize = c(1000L, 1000L)))
}

peers$farrington <- function() {
  suppressPackageStartupMessages(library(surveillance))
  set.seed(6)
  series <- sts(rnbinom(364, mu = 12, size = 8), start = c(2014, 1), frequency = 52)
  control <- list(range = 313:364, b = 5, w = 3, noPeriods = 10, pastWeeksNotIncluded = 26, thresholdMethod = "nbPlugin", verbose = FALSE)
  report("surveillance", function() farringtonFlexible(series, control), times = 688)
}

months <- function(count) {
  set.seed(7)
  lapply(seq_len(count), function(i) {
    level <- runif(1, 50, 3000)
    shape <- 1 + .15 * sin(2 * pi * (1:180) / 12 + runif(1, 0, 6)) + .001 * rnorm(1) * (1:180)
    ts(pmax(1, level * shape + rnorm(180, 0, .06 * level)), frequency = 12)
  })
}

peers$stl <- function() {
  series <- months(688)
  report("stats", function() for (one in series) stl(one, s.window = 7))
}

peers$ets <- function() {
  suppressPackageStartupMessages(library(forecast))
  series <- months(10)
  report("forecast", function() for (one in series) forecast(ets(one), h = 12), runs = 1, times = 68.8)
}

cases <- function() {
  set.seed(8)
  list(time = ceiling(rweibull(1e6, .8, 60)), event = sample(0:2, 1e6, TRUE))
}

peers$km <- function() {
  suppressPackageStartupMessages(library(survival))
  x <- cases()
  report("survival", function() survfit(Surv(x$time, x$event > 0) ~ 1))
}

peers$aalen_johansen <- function() {
  suppressPackageStartupMessages(library(survival))
  x <- cases()
  report("survival", function() survfit(Surv(x$time, factor(x$event)) ~ 1), runs = 1)
}

peers$cox <- function() {
  suppressPackageStartupMessages(library(survival))
  x <- cases()
  some <- 1:2e5
  covariates <- cbind(rnorm(2e5), rbinom(2e5, 1, .5))
  report("survival", function() coxph(Surv(x$time[some], x$event[some] > 0) ~ covariates))
}

peers$gray <- function() {
  suppressPackageStartupMessages(library(cmprsk))
  x <- cases()
  some <- 1:2e4
  group <- sample(1:3, 2e4, TRUE)
  report("cmprsk", function() cuminc(x$time[some], x$event[some], group))
}

peers[[commandArgs(TRUE)[1]]]()
