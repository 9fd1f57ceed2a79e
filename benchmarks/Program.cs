using System.CommandLine;
using Unlearn.Benchmarks;
using Unlearn.Benchmarks.Coverage;
using Unlearn.Benchmarks.Distributed;
using Unlearn.Benchmarks.Factors;
using Unlearn.Benchmarks.Fuzzing;
using Unlearn.Benchmarks.Rows;
using Unlearn.Benchmarks.Signal;
using Unlearn.Benchmarks.Strengths;
using Unlearn.Benchmarks.Trials;
using Unlearn.MLNet;

Option<FileInfo?> json = new("--json") { Description = "Writes the figures to this file as well." };
Option<int> repeats = new("--repeats") { Description = "How often everything is measured, from 1; medians are reported.", DefaultValueFactory = _ => 7 };
Option<string[]> models = new("--models")
{
    Description = $"Models to measure: {string.Join(", ", BenchmarkModel.Names)}.",
    DefaultValueFactory = _ => BenchmarkModel.Names,
    AllowMultipleArgumentsPerToken = true,
};
Option<string[]> subjects = new("--factors")
{
    Description = $"What to measure: {string.Join(", ", FactorBenchmark.Subjects)}.",
    DefaultValueFactory = _ => FactorBenchmark.Subjects,
    AllowMultipleArgumentsPerToken = true,
};
Option<int> batchSize = new("--batch-size") { Description = "Rows that are computed at once, from 1.", DefaultValueFactory = _ => 256 };
models.AcceptOnlyFromAmong(BenchmarkModel.Names);
subjects.AcceptOnlyFromAmong(FactorBenchmark.Subjects);
foreach (var count in new[] { repeats, batchSize })
    count.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var value) && value >= 1))
            result.AddError($"{count.Name} must be a whole number from 1, got '{token.Value}'.");
    });

Command factors = new("factors", "What each hardness factor costs, as a ratio to forward + backward over the same rows, on one core.")
{
    json,
    repeats,
    models,
    subjects,
    batchSize,
};
factors.SetAction(parsed =>
    FactorBenchmark.Run(parsed.GetValue(models)!, parsed.GetValue(subjects)!, parsed.GetValue(batchSize), parsed.GetValue(repeats), parsed.GetValue(json)));
Command memory = new("memory", "Peak memory while rows stream through the factors, for more and more rows.");
memory.SetAction(_ => StreamingBenchmark.Run());
Option<bool> processorTime = new("--processor-time")
{
    Description = "Counts the process's processor time instead of the wall clock's: for a busy machine. Two workers then gain nothing.",
};
Option<string[]> parts = new("--parts")
{
    Description = $"Parts to measure: {string.Join(", ", TrialBenchmark.Parts)}.",
    DefaultValueFactory = _ => TrialBenchmark.Parts,
    AllowMultipleArgumentsPerToken = true,
};
parts.AcceptOnlyFromAmong(TrialBenchmark.Parts);
Option<string[]> recipes = new("--recipes")
{
    Description = $"Recipes of the trainings and of the engine's trials: {string.Join(", ", BenchmarkRecipe.Names)}.",
    DefaultValueFactory = _ => BenchmarkRecipe.Names,
    AllowMultipleArgumentsPerToken = true,
};
recipes.AcceptOnlyFromAmong(BenchmarkRecipe.Names);
Option<string?> python = new("--pytorch") { Description = "Python with torch, such as /usr/bin/python3: trainings are compared with a plain loop of PyTorch." };
Command trials = new("trials", "Trainings, trials and single rows a minute; costs of the engine and of all unlearners.")
{
    json, repeats, parts, recipes, processorTime, python,
};
trials.SetAction(parsed =>
{
    Clock.CountsProcessorTime = parsed.GetValue(processorTime);
    return TrialBenchmark.Run(parsed.GetValue(parts)!, parsed.GetValue(recipes)!, parsed.GetValue(repeats), parsed.GetValue(python), parsed.GetValue(json));
});
Option<string> study = new("--study")
{
    Description = $"Whose data and model: {string.Join(", ", CalibrationBenchmark.Studies)}.",
    DefaultValueFactory = _ => CalibrationBenchmark.Studies[0],
};
study.AcceptOnlyFromAmong(CalibrationBenchmark.Studies);
Option<double> share = new("--share") { Description = "Share of the rows that a forget set holds.", DefaultValueFactory = _ => 0.3 };
Option<double> costShare = new("--cost-share")
{
    Description = "Largest number of runs, as a share of the study's trials.", DefaultValueFactory = _ => double.PositiveInfinity,
};
Argument<string[]> ofStudy = new("arguments") { Description = "After --: the study's own options, such as --rows 1000.", Arity = ArgumentArity.ZeroOrMore };
Command calibration =
    new("calibration", "The ladder of strengths of every adjustable unlearner: undone share, accuracy lost, seconds.") { study, share, costShare, ofStudy };
calibration.SetAction(parsed => CalibrationBenchmark.RunAsync(
    parsed.GetValue(study)!, parsed.GetValue(share), new CalibrationOptions { LargestCostShare = parsed.GetValue(costShare) }, parsed.GetValue(ofStudy)!));
Option<string[]> dataSets = new("--data-sets")
{
    Description = $"Data sets, with the rows and recipes of their studies: {string.Join(", ", SignalBenchmark.DataSets)}.",
    DefaultValueFactory = _ => SignalBenchmark.DataSets,
    AllowMultipleArgumentsPerToken = true,
};
string[] schemeNames = [.. SignalScheme.All.Select(scheme => scheme.Name)];
Option<string[]> schemes = new("--schemes")
{
    Description = $"What retrained models share with the target: {string.Join("; ", schemeNames)}.",
    DefaultValueFactory = _ => schemeNames,
    AllowMultipleArgumentsPerToken = true,
};
Option<double[]> shares = new("--shares")
{
    Description = "Shares of the rows that each model leaves out.",
    DefaultValueFactory = _ => [0.1, 0.2, 0.3, 0.5],
    AllowMultipleArgumentsPerToken = true,
};
Option<int> rows = new("--rows") { Description = "Training rows.", DefaultValueFactory = _ => 1500 };
Option<int> halfTrainings = new("--trainings") { Description = "Models of each half.", DefaultValueFactory = _ => 20 };
Option<int> extra =
    new("--extra") { Description = "Other models of each half, to measure the ceiling that is estimated; 0 for none.", DefaultValueFactory = _ => 0 };
Option<int> seed = new("--seed") { Description = "Root seed.", DefaultValueFactory = _ => 1 };
dataSets.AcceptOnlyFromAmong(SignalBenchmark.DataSets);
schemes.AcceptOnlyFromAmong(schemeNames);
Command signal = new("signal", "How much of EU's labels is noise, at equal processor time, for orders of batches and forget shares.")
{
    dataSets,
    schemes,
    shares,
    rows,
    halfTrainings,
    extra,
    seed,
    json,
};
signal.SetAction((parsed, _) => SignalBenchmark.RunAsync(
    parsed.GetValue(dataSets)!, parsed.GetValue(schemes)!,
    parsed.GetValue(shares)!, parsed.GetValue(rows), parsed.GetValue(halfTrainings), parsed.GetValue(extra), parsed.GetValue(seed), parsed.GetValue(json)));
Option<int> cases = new("--cases") { Description = "Damaged files.", DefaultValueFactory = _ => 20_000 };
Option<int> first = new("--first") { Description = "Number of the first file, to try one again.", DefaultValueFactory = _ => 0 };
Option<string> fuzzed = new("--models") { Description = "factors or hardness.", DefaultValueFactory = _ => FuzzBenchmark.Models[0] };
fuzzed.AcceptOnlyFromAmong(FuzzBenchmark.Models);
Command fuzz = new("fuzz", "Damaged model files, blindly and with right hashes: each must be refused, or work.") { fuzzed, first, cases, seed };
fuzz.SetAction(parsed => FuzzBenchmark.Run(parsed.GetValue(fuzzed)!, parsed.GetValue(first), parsed.GetValue(cases), parsed.GetValue(seed)));
Option<string> labeledSet = new("--data-set") { Description = "adult, fashion-mnist or imdb.", DefaultValueFactory = _ => "fashion-mnist" };
Option<string?> labeledPath = new("--data") { Description = "The data, as the example of the data set takes them." };
Option<int> labeledRows = new("--rows") { Description = "Rows that are labeled.", DefaultValueFactory = _ => 3000 };
Option<int> splits = new("--splits") { Description = "Draws of the half that is learned from.", DefaultValueFactory = _ => 5 };
Option<int> maximumTrials = new("--maximum-trials") { Description = "Most trials of the labels.", DefaultValueFactory = _ => 200 };
labeledSet.AcceptOnlyFromAmong(CoverageBenchmark.DataSets);
Command coverage = new("coverage", "Whether the bounds of hardness models hold on real labels that they did not learn from.")
{
    labeledSet, labeledPath, labeledRows, splits, maximumTrials, seed,
};
coverage.SetAction((parsed, _) => CoverageBenchmark.RunAsync(
    parsed.GetValue(labeledSet)!, parsed.GetValue(labeledPath), parsed.GetValue(labeledRows), parsed.GetValue(splits), parsed.GetValue(maximumTrials),
    parsed.GetValue(seed)));
Option<int[]> workers = new("--workers")
{
    Description = "Numbers of workers.", DefaultValueFactory = _ => [1, 2, 4], AllowMultipleArgumentsPerToken = true,
};
Option<int> distributedTrials = new("--trials") { Description = "Trials of each run.", DefaultValueFactory = _ => 200 };
Command distributed = new("distributed", "Trials by worker processes and a PostgreSQL server of its own: throughput, and what a trial costs the database.")
{
    workers, distributedTrials,
};
distributed.SetAction((parsed, _) => DistributedBenchmark.RunAsync(parsed.GetValue(workers)!, parsed.GetValue(distributedTrials)));
Command worker = new(DistributedBenchmark.WorkerVerb, "A worker of 'distributed'.") { Hidden = true };
worker.SetAction((_, cancellationToken) => DistributedBenchmark.WorkAsync(cancellationToken));
Option<int[]> rowCounts = new("--rows")
{
    Description = "Numbers of rows.", DefaultValueFactory = _ => [100_000, 300_000, 1_000_000], AllowMultipleArgumentsPerToken = true,
};
Option<int> rowFeatures = new("--features") { Description = "Features of a row.", DefaultValueFactory = _ => 784 };
Option<DirectoryInfo?> rowFolder = new("--folder") { Description = "Where files are made for a while, some 12 GB for a million rows." };
Command manyRows = new("rows", "Memory and time of stored rows, factors, training and Parquet, for more and more rows.") { rowCounts, rowFeatures, rowFolder };
manyRows.SetAction(parsed => RowsBenchmark.Run(parsed.GetValue(rowCounts)!, parsed.GetValue(rowFeatures), parsed.GetValue(rowFolder)));
Option<int> partRows = new("--rows") { Description = "Rows of the file.", DefaultValueFactory = _ => 1_000_000 };
Option<int> partFeatures = new("--features") { Description = "Features of a row.", DefaultValueFactory = _ => 64 };
Option<int> rowsPerPart = new("--rows-per-part") { Description = "Rows of a part.", DefaultValueFactory = _ => 65_536 };
Option<int[]> partWorkers = new("--workers")
{
    Description = "Numbers of threads, and of worker processes.", DefaultValueFactory = _ => [1, 2], AllowMultipleArgumentsPerToken = true,
};
Command partsCommand = new("parts", "Factors of a Parquet file by parts: threads, and worker processes with a PostgreSQL server of its own.")
{
    partRows, partFeatures, rowsPerPart, partWorkers, rowFolder,
};
partsCommand.SetAction((parsed, _) => PartsBenchmark.RunAsync(
    parsed.GetValue(partRows), parsed.GetValue(partFeatures), parsed.GetValue(rowsPerPart), parsed.GetValue(partWorkers)!, parsed.GetValue(rowFolder)));
Option<int[]> pointCounts = new("--rows")
{
    Description = "Numbers of rows.", DefaultValueFactory = _ => [100_000, 300_000], AllowMultipleArgumentsPerToken = true,
};
Option<int> dimensions = new("--dimensions") { Description = "Dimensions of a point.", DefaultValueFactory = _ => 784 };
Option<string> pointData = new("--data") { Description = "clustered, random, or a file of images, idx3.gz.", DefaultValueFactory = _ => "clustered" };
Command neighbors = new("neighbors", "Neighbors by the HNSW index and by comparing all rows.") { pointCounts, dimensions, pointData };
neighbors.SetAction(parsed => NeighborBenchmark.Run(parsed.GetValue(pointCounts)!, parsed.GetValue(dimensions), parsed.GetValue(pointData)!));
RootCommand root = new("Benchmarks of Unlearn.MLNet")
{
    factors, memory, manyRows, partsCommand, neighbors, trials, calibration, signal, fuzz, coverage, distributed, worker,
};
return await root.Parse(args).InvokeAsync();
