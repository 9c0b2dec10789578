# Trains on data sets of R's packages and compares with R's own fits: glm, nnet::multinom, glmnet,
# brglm2. Prints a line for each comparison; the exit code is 1 where one disagrees.
#   Rscript tests/long/r_comparison.R BUILD_FOLDER [DATA_SET...]      from the repository's folder
suppressPackageStartupMessages({
  library(brglm2)
  library(glmnet)
  library(nnet)
})
data(alligators, endometrial, lizards, package = "brglm2")

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) == 0) stop("usage: Rscript r_comparison.R BUILD_FOLDER [DATA_SET...]")
tapewise <- file.path(arguments[1], "apps", "tapewise")
folder <- tempfile("r_comparison_")
dir.create(folder)

# ---- data sets ----------------------------------------------------------------------------------

long_of <- function(table, yes, no) {
  # Two rows for each of counts of yes and no.
  features <- table[setdiff(names(table), c(yes, no))]
  rbind(data.frame(features, outcome = "yes", count = table[[yes]]),
        data.frame(features, outcome = "no", count = table[[no]]))
}

in_repository <- function(name) read.csv(file.path("tests", "data", paste0(name, ".csv")))

# Data, target, positive class (NULL: several classes), column of weights (NULL: none).
data_sets <- list(
  "spector" = list(in_repository("spector"), "GRADE", "1"),
  "anes96" = list(in_repository("anes96"), "PID", NULL),
  "MASS::birthwt" = list(within(MASS::birthwt, {
    race <- factor(race, labels = c("white", "black", "other"))
    smoke <- smoke == 1
    rm(bwt)
  }), "low", "1"),
  "MASS::Pima.tr" = list(MASS::Pima.tr, "type", "Yes"),
  "MASS::biopsy" = list(MASS::biopsy[-1], "class", "malignant"),
  "MASS::bacteria" = list(MASS::bacteria[c("y", "week", "trt")], "y", "y"),
  "MASS::Cars93" = list(
    MASS::Cars93[c("Origin", "Price", "MPG.city", "Horsepower", "RPM", "DriveTrain")],
    "Origin", "USA"),
  "MASS::survey" = list(MASS::survey[c("Sex", "Pulse", "Exer", "Smoke", "Age")], "Sex", "Male"),
  "MASS::Melanoma" = list(
    within(MASS::Melanoma, {
      died <- status == 1
      rm(status, time)
    }), "died", "TRUE"),
  "MASS::housing" = list(MASS::housing, "Sat", NULL, "Freq"),
  "datasets::infert" = list(
    infert[c("education", "age", "parity", "induced", "spontaneous", "case")], "case", "1"),
  "datasets::mtcars" = list(mtcars[c("am", "mpg", "qsec")], "am", "1"),
  "datasets::iris, two classes" = list(iris[iris$Species != "setosa", ], "Species", "virginica"),
  "datasets::esoph" = list(long_of(esoph, "ncases", "ncontrols"), "outcome", "yes", "count"),
  "datasets::UCBAdmissions" = list(as.data.frame(UCBAdmissions), "Admit", "Admitted", "Freq"),
  "datasets::Titanic" = list(as.data.frame(Titanic), "Survived", "Yes", "Freq"),
  "datasets::warpbreaks" = list(warpbreaks, "tension", NULL),
  "survival::lung" = list(
    within(survival::lung, {
      dead <- status == 2
      rm(status, inst)
    }), "dead", "TRUE"),
  "survival::colon" = list(
    within(survival::colon[survival::colon$etype == 2, ], rm(id, study, etype, time)),
    "status", "1"),
  "survival::pbc" = list(
    within(survival::pbc, {
      dead <- status == 2
      rm(status, id, time)
    }), "dead", "TRUE"),
  "survival::nwtco" = list(
    survival::nwtco[c("rel", "instit", "histol", "stage", "study", "age", "in.subcohort")],
    "rel", "1"),
  "rpart::kyphosis" = list(rpart::kyphosis, "Kyphosis", "present"),
  "rpart::stagec" = list(rpart::stagec[-1], "pgstat", "1"),
  "carData::TitanicSurvival" = list(carData::TitanicSurvival, "survived", "yes"),
  "carData::Mroz" = list(carData::Mroz, "lfp", "yes"),
  "carData::Cowles" = list(carData::Cowles, "volunteer", "yes"),
  "carData::Wells" = list(carData::Wells, "switch", "yes"),
  "carData::Womenlf" = list(carData::Womenlf, "partic", NULL),
  "carData::Chile" = list(carData::Chile, "vote", NULL),
  "carData::BEPS" = list(carData::BEPS, "vote", NULL),
  "carData::WVS" = list(carData::WVS, "poverty", NULL),
  "boot::nodal" = list(boot::nodal[-1], "r", "1"),
  "boot::urine" = list(boot::urine, "r", "1"),
  "boot::remission" = list(boot::remission[c("LI", "r")], "r", "1"),
  "brglm2::alligators" = list(alligators, "foodchoice", NULL, "freq"),
  "brglm2::lizards" = list(long_of(lizards, "grahami", "opalinus"), "outcome", "yes",
                           "count")
)

# Sets without a largest likelihood, and a column that has to be named (NULL: any).
separated_sets <- list(
  "brglm2::endometrial" = list(endometrial, "HG", "1", NULL, "NV"),
  "datasets::iris, three classes" = list(iris, "Species", NULL, NULL, NULL),
  "datasets::mtcars, ten features" = list(mtcars, "am", "1", NULL, NULL)
)

# ---- our side -----------------------------------------------------------------------------------

# All digits, unlike write.csv's fifteen.
cells_of <- function(column) {
  if (is.factor(column) || is.character(column)) {
    text <- paste0('"', as.character(column), '"')
  } else if (is.logical(column)) {
    text <- as.character(column)
  } else {
    text <- sprintf("%.17g", column)
  }
  ifelse(is.na(column), "", text)
}

write_all_digits <- function(data, file) {
  lines <- do.call(paste, c(lapply(data, cells_of), sep = ","))
  writeLines(c(paste0('"', names(data), '"', collapse = ","), lines), file)
}

# The parsed report, with the exit code as `code`.
train <- function(set, flags) {
  flags <- c("train", shQuote(set$file), "--target", shQuote(set$target), "--json", flags)
  if (!is.null(set$positive)) flags <- c(flags, "--positive", shQuote(set$positive))
  if (!is.null(set$weight)) flags <- c(flags, "--weight", shQuote(set$weight))
  if (set$has_missing) flags <- c(flags, "--missing", "drop")
  errors <- file.path(folder, "errors")
  text <- suppressWarnings(system2(tapewise, flags, stdout = TRUE, stderr = errors))
  code <- attr(text, "status")
  report <- tryCatch(jsonlite::fromJSON(paste(text, collapse = "\n")), error = function(e) NULL)
  if (is.null(report)) {
    stop("no report from tapewise ", paste(flags, collapse = " "), "\n",
         paste(readLines(errors), collapse = "\n"))
  }
  report$code <- if (is.null(code)) 0 else code
  report
}

key_of <- function(class, name) paste(class, name, sep = " | ")

# Named by class and coefficient.
ours <- function(report, what) {
  coefficients <- report$coefficients
  class <- if (is.null(coefficients$class)) "" else coefficients$class
  setNames(as.numeric(coefficients[[what]]), key_of(class, coefficients$name))
}

# ---- R's side -----------------------------------------------------------------------------------

sorted_levels <- function(column) sort(unique(as.character(column)), method = "radix")

# What both sides need to know: the table that R fits, without rows that miss a cell and with our
# references, and the file that we read.
set_of <- function(name, data, target, positive, weight = NULL) {
  data <- data[!is.na(data[[target]]), ]  # a row without a label is an error to us
  set <- list(name = name, target = target, positive = positive, weight = weight,
              has_missing = anyNA(data), file = file.path(folder, "data.csv"))
  write_all_digits(data, set$file)
  data <- na.omit(data)
  set$rows <- nrow(data)
  set$w <- if (is.null(weight)) rep(1, nrow(data)) else as.numeric(data[[weight]])
  features <- data[setdiff(names(data), c(target, weight))]
  set$names <- "(intercept)"
  for (column in names(features)) {
    values <- features[[column]]
    if (is.numeric(values)) {
      set$names <- c(set$names, column)
      next
    }
    levels <- sorted_levels(values)
    features[[column]] <- factor(as.character(values), levels)
    set$names <- c(set$names, paste0(column, "=", levels[-1]))
  }
  set$features <- features
  set$X <- model.matrix(~ ., features)
  set$classes <- sorted_levels(data[[target]])
  if (is.null(positive)) {
    set$y <- factor(as.character(data[[target]]), set$classes)
    set$keys <- as.vector(outer(set$names, set$classes[-1], function(n, c) key_of(c, n)))
  } else {
    set$y <- as.numeric(as.character(data[[target]]) == positive)
    set$keys <- key_of("", set$names)
  }
  set
}

two_classes <- function(set) !is.null(set$positive)

# log of the probability of each row's class; b has a column for each class but the reference.
log_probabilities <- function(X, y, b) {
  logits <- cbind(0, X %*% b)
  highest <- apply(logits, 1, max)
  chosen <- logits[cbind(seq_along(highest), as.integer(y))]
  chosen - highest - log(rowSums(exp(logits - highest)))
}

class_index <- function(set) if (two_classes(set)) set$y + 1 else as.integer(set$y)

log_likelihood <- function(set, estimates, w = set$w) {
  b <- matrix(estimates[set$keys], nrow = length(set$names))
  sum((w * log_probabilities(set$X, class_index(set), b))[w > 0])
}

null_log_likelihood <- function(set) {
  totals <- tapply(set$w, class_index(set), sum)
  sum(totals * log(totals / sum(totals)))
}

by_glm <- function(set, w = set$w) {
  fit <- suppressWarnings(glm(set$y ~ ., binomial, set$features, weights = w,
                              control = list(epsilon = 1e-14, maxit = 100)))
  stopifnot(fit$converged)
  # Its standard errors are those of the step before the last.
  fit <- suppressWarnings(glm(set$y ~ ., binomial, set$features, weights = w, start = coef(fit),
                              control = list(epsilon = 1e-14, maxit = 100)))
  list(estimate = setNames(coef(fit), set$keys),
       std_error = setNames(sqrt(diag(vcov(fit))), set$keys))
}

by_brglm2 <- function(set) {
  fit <- suppressWarnings(glm(set$y ~ ., binomial, set$features, weights = set$w,
                              method = "brglmFit", type = "AS_mean", epsilon = 1e-12,
                              maxit = 10000))
  list(estimate = setNames(coef(fit), set$keys),
       std_error = setNames(sqrt(diag(vcov(fit))), set$keys))
}

# Newton steps on multinom's optimum, whose own tolerance is 1e-5 or so.
polish <- function(set, b, w) {
  X <- set$X
  Y <- class.ind(set$y)[, -1, drop = FALSE]
  for (step in 1:5) {
    P <- exp(cbind(0, X %*% b))
    P <- (P / rowSums(P))[, -1, drop = FALSE]
    gradient <- as.vector(crossprod(X, w * (Y - P)))
    H <- hessian(X, P, w)
    scale <- 1 / sqrt(diag(H))
    b <- b + scale * solve(H * outer(scale, scale), scale * gradient)
  }
  list(b = b, std_error = scale * sqrt(diag(solve(H * outer(scale, scale)))))
}

# Of minus the log-likelihood, class by class.
hessian <- function(X, P, w) {
  blocks <- lapply(seq_len(ncol(P)), function(j) {
    do.call(rbind, lapply(seq_len(ncol(P)), function(k) {
      crossprod(X, w * P[, j] * ((j == k) - P[, k]) * X)
    }))
  })
  do.call(cbind, blocks)
}

by_multinom <- function(set, w = set$w) {
  fit <- multinom(set$y ~ ., set$features, weights = w, reltol = 1e-15, maxit = 10000,
                  trace = FALSE, MaxNWts = 10000)
  near <- t(coef(fit))
  exact <- polish(set, near, w)
  # Still multinom's optimum.
  stopifnot(sum(w) * 1e-8 > abs(log_likelihood(set, setNames(as.vector(near), set$keys), w) -
                                  log_likelihood(set, setNames(as.vector(exact$b), set$keys), w)))
  list(estimate = setNames(as.vector(exact$b), set$keys),
       std_error = setNames(exact$std_error, set$keys))
}

by_glmnet <- function(set, l1, l2) {
  lambda <- l1 + l2
  fit <- glmnet(set$X[, -1, drop = FALSE], set$y,
                family = if (two_classes(set)) "binomial" else "multinomial", weights = set$w,
                alpha = l1 / lambda, lambda = lambda * c(30, 10, 3, 1), standardize = TRUE,
                thresh = 1e-15, maxit = 1e7, type.multinomial = "ungrouped")
  b <- coef(fit, s = lambda)
  b <- if (two_classes(set)) as.matrix(b) else do.call(cbind, lapply(b, as.matrix))
  if (!two_classes(set)) b <- b[, -1, drop = FALSE] - b[, 1]
  setNames(as.vector(b), set$keys)
}

# ---- comparisons --------------------------------------------------------------------------------

failures <- 0

# differences: named, each a relative difference; tolerances: of the same names.
say <- function(set, kind, differences, tolerances, remark = "") {
  failed <- !(differences <= tolerances[names(differences)])
  found <- sprintf("%s %.1e%s", names(differences), differences, ifelse(failed, "!", ""))
  verdict <- if (any(failed) || remark != "") "FAILED" else "ok"
  if (verdict != "ok") failures <<- failures + 1
  cat(sprintf("%-30s %-28s %6d rows  %-6s %s %s\n", set$name, kind, set$rows, verdict,
              paste(found, collapse = "  "), remark))
}

largest <- function(ours, theirs, floor = 0) {
  if (length(ours) != length(theirs) || anyNA(ours)) return(Inf)
  if (!is.null(names(theirs))) {
    if (!setequal(names(ours), names(theirs))) return(Inf)
    ours <- ours[names(theirs)]
  }
  max(ifelse(ours == theirs, 0, abs(ours - theirs) / pmax(abs(theirs), floor)))
}

exact <- c(coefficients = 1e-6, errors = 1e-6, "log-likelihood" = 1e-9, statistics = 1e-6,
           training = 1e-6)

area_under_curve <- function(score, y) {
  ranks <- rank(score)
  n1 <- sum(y == 1)
  (sum(ranks[y == 1]) - n1 * (n1 + 1) / 2) / (n1 * (sum(y == 0)))
}

statistics_of <- function(set, likelihood) {
  null <- null_log_likelihood(set)
  parameters <- length(set$keys)
  total <- sum(set$w)
  df <- parameters - length(set$classes) + 1
  c(null_log_likelihood = null, deviance = -2 * likelihood, null_deviance = -2 * null,
    aic = 2 * parameters - 2 * likelihood, bic = log(total) * parameters - 2 * likelihood,
    mcfadden_r2 = 1 - likelihood / null, lr_chi2 = 2 * (likelihood - null),
    lr_p = pchisq(2 * (likelihood - null), df, lower.tail = FALSE),
    df_residual = total - parameters)
}

# Of rows that all count once.
training_of <- function(set, estimates) {
  b <- matrix(estimates, nrow = length(set$names))
  logits <- cbind(0, set$X %*% b)
  result <- c(accuracy = mean(max.col(logits, "first") == class_index(set)),
              log_loss = -mean(log_probabilities(set$X, class_index(set), b)))
  if (two_classes(set)) result["auc"] <- area_under_curve(logits[, 2], set$y)
  result
}

numbers <- function(list, names) {
  setNames(vapply(names, function(n) if (is.null(list[[n]])) NA_real_ else as.numeric(list[[n]]),
                  0), names)
}

compare_exact <- function(set, kind, report, theirs) {
  estimates <- ours(report, "estimate")
  likelihood <- log_likelihood(set, theirs$estimate)
  z <- theirs$estimate / theirs$std_error
  differences <- c(
    coefficients = largest(estimates, theirs$estimate),
    errors = max(largest(ours(report, "std_error"), theirs$std_error),
                 largest(ours(report, "z"), z),
                 largest(ours(report, "p"), 2 * pnorm(-abs(z)), 1e-300),
                 largest(ours(report, "ci_low"), theirs$estimate - qnorm(0.975) * theirs$std_error),
                 largest(ours(report, "ci_high"), theirs$estimate + qnorm(0.975) * theirs$std_error)),
    "log-likelihood" = largest(as.numeric(report$statistics$log_likelihood), likelihood))
  expected <- statistics_of(set, likelihood)
  found <- numbers(report$statistics, names(expected))
  differences["statistics"] <- largest(found, expected, 1e-300)
  remark <- ""
  if (!isTRUE(report$fit$converged)) remark <- "not converged"
  if (report$data$rows_used != set$rows) remark <- paste(report$data$rows_used, "rows used")
  if (is.null(set$weight)) {
    expected <- training_of(set, theirs$estimate)
    differences["training"] <- largest(numbers(report$training, names(expected)), expected)
  }
  say(set, kind, differences, exact, remark)
}

# Coefficients alone, where others are given no meaning.
compare_firth <- function(set) {
  theirs <- by_brglm2(set)
  report <- train(set, "--firth")
  differences <- c(coefficients = largest(ours(report, "estimate"), theirs$estimate),
                   errors = largest(ours(report, "std_error"), theirs$std_error))
  say(set, "brglm2", differences, exact,
      if (isTRUE(report$fit$converged)) "" else "not converged")
}

# The mean loss with the penalty, of coefficients in the units of the file.
objective <- function(set, estimates, l1, l2) {
  b <- matrix(estimates[set$keys], nrow = length(set$names))
  share <- set$w / sum(set$w)
  X <- set$X[, -1, drop = FALSE]
  spread <- sqrt(colSums(share * sweep(X, 2, colSums(share * X))^2))
  weights <- cbind(0, b[-1, , drop = FALSE]) * spread
  # Several classes: each has weights of its own, which are known up to a constant per feature.
  penalty <- function(weights) l1 * sum(abs(weights)) + l2 / 2 * sum(weights^2)
  if (two_classes(set)) {
    penalties <- penalty(weights)
  } else {
    # The constant of a feature is one of its weights, or where the slope is 0 between two of them.
    least <- function(row) {
      between <- if (l2 > 0) mean(row) + l1 / l2 * (1 - 2 * seq(0, length(row)) / length(row))
      min(vapply(c(row, between), function(c) penalty(row - c), 0))
    }
    penalties <- sum(apply(weights, 1, least))
  }
  penalties - log_likelihood(set, estimates) / sum(set$w)
}

# Differences in units of the largest coefficient, all on the standardised scale. glmnet stops where
# steps no longer change the loss by much: ours must be no worse than its optimum.
compare_glmnet <- function(set, l1, l2) {
  theirs <- by_glmnet(set, l1, l2)
  report <- train(set, c("--l1", l1, "--l2", l2))
  estimates <- ours(report, "estimate")
  kind <- sprintf("glmnet l1 %g l2 %g", l1, l2)
  if (!setequal(names(estimates), set$keys)) {
    return(say(set, kind, c(coefficients = Inf), penalised))
  }
  estimates <- estimates[set$keys]
  spread <- c(1, apply(set$X[, -1, drop = FALSE], 2, sd))
  size <- max(abs(theirs * spread))
  differences <- c(coefficients = max(abs(estimates - theirs) * spread) / size,
                   loss = objective(set, estimates, l1, l2) - objective(set, theirs, l1, l2))
  say(set, kind, differences, penalised,
      if (isTRUE(report$fit$converged)) "" else "not converged")
}
penalised <- c(coefficients = 1e-4, loss = 1e-11)

balanced <- function(set) {
  class <- class_index(set)
  totals <- tapply(set$w, class, sum)
  set$w * as.vector(sum(set$w) / (length(totals) * totals[class]))
}

compare_balanced <- function(set) {
  w <- balanced(set)
  theirs <- if (two_classes(set)) by_glm(set, w) else by_multinom(set, w)
  report <- train(set, c("--class-weight", "balanced"))
  say(set, "balanced classes", c(coefficients = largest(ours(report, "estimate"), theirs$estimate)),
      exact, if (isTRUE(report$fit$converged)) "" else "not converged")
}

compare_set <- function(set) {
  theirs <- if (two_classes(set)) by_glm(set) else by_multinom(set)
  other <- if (two_classes(set)) "glm" else "multinom"
  solvers <- c("auto", "newton", "lbfgs")
  # Gradient descent alone, where the epochs that it takes are no more than a million.
  if (set$name %in% c("spector", "anes96", "carData::Mroz")) solvers <- c(solvers, "gd")
  for (solver in solvers) {
    kind <- paste0(other, ", ", solver)
    flags <- c("--solver", solver, if (solver == "gd") c("--epochs", "1000000", "--tolerance", "1e-10"))
    attempt(set, kind, compare_exact(set, kind, train(set, flags), theirs))
  }
  attempt(set, "balanced classes", compare_balanced(set))
  compare_penalised(set)
}

compare_penalised <- function(set) {
  if (two_classes(set)) attempt(set, "brglm2", compare_firth(set))
  if (ncol(set$X) < 3) return()  # glmnet takes two features or more
  attempt(set, "glmnet", compare_glmnet(set, 0, 0.1))
  attempt(set, "glmnet", compare_glmnet(set, 0.02, 0))
  attempt(set, "glmnet", compare_glmnet(set, 0.01, 0.02))
}

compare_separated <- function(set, column) {
  report <- train(set, character(0))
  warnings <- report$warnings
  remark <- ""
  if (!"separation" %in% warnings$code) {
    remark <- "not said to be separated"
  } else if (!all(is.na(ours(report, "std_error")))) {
    remark <- "standard errors of what does not exist"
  } else if (!is.null(column) && !column %in% unlist(warnings$columns[warnings$code == "separation"])) {
    remark <- paste(column, "is not named")
  }
  say(set, "separation is said", numeric(0), exact, remark)
}

# What stops is a failure like others.
attempt <- function(set, kind, comparison) {
  tryCatch(comparison, error = function(e) {
    say(set, kind, numeric(0), exact, paste0("\n    ", conditionMessage(e)))
  })
}

wanted <- function(sets) {
  if (length(arguments) > 1) sets[names(sets) %in% arguments[-1]] else sets
}

for (name in names(wanted(data_sets))) {
  set <- do.call(set_of, c(name, data_sets[[name]]))
  attempt(set, "R's own fit", compare_set(set))
}
for (name in names(wanted(separated_sets))) {
  described <- separated_sets[[name]]
  set <- do.call(set_of, c(name, described[1:4]))
  attempt(set, "separation is said", compare_separated(set, described[[5]]))
  compare_penalised(set)
}

unlink(folder, recursive = TRUE)
cat(sprintf("%d comparisons failed\n", failures))
quit(status = if (failures > 0) 1 else 0)
