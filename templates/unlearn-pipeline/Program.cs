using Microsoft.ML;
using Unlearn.MLNet;
using Unlearn.Transforms;
using UnlearnPipeline;

var mlContext = new MLContext(seed: 1);

// 1. The table, with features and row ids. A request to erase a row names its id: take a column of your own where there is one.
var table = mlContext.Data.LoadFromTextFile<Customer>(Path.Combine(AppContext.BaseDirectory, "customers.csv"), separatorChar: ',', hasHeader: true);
var features = mlContext.Transforms.Categorical.OneHotEncoding("Contract")
    .Append(mlContext.Transforms.Concatenate("Features", "Age", "MonthlyCharge", "SupportCalls", "Contract"))
    .Append(mlContext.Transforms.NormalizeMeanVariance("Features"))
    .Fit(table);
var rows = mlContext.Data.AddRowIds(features.Transform(table));

// 2. The model whose rows are to be forgotten.
using var training = TrainingRows.FromDataView(rows);
var recipe = new TorchRecipe(TorchArchitecture.Mlp(training.FeatureCount, training.ClassCount, 32, 16)) { Epochs = 20 };
using var target = recipe.Train(training, Enumerable.Range(0, training.Count).ToArray(), seed: 1);

// 3. Labels: rows are really unlearned, until the labels are sure enough or the time is up.
Console.WriteLine($"Unlearning some of {training.Count} rows...");
var labels = await mlContext.Data.LabelUnlearningHardnessAsync(rows, new HardnessLabelingOptions
{
    Recipe = recipe,
    TargetSeed = 1, // the labels are those of the model above
    MaximumTrials = 300,
    MaximumTime = TimeSpan.FromMinutes(2),
});

// 4. Factors of each row, and a model that predicts from them how hard it is to forget.
var hardness = mlContext.Transforms.UnlearnFactors("UnlearnFactors", target)
    .Append(mlContext.Transforms.UnlearningHardness(labels))
    .Fit(rows);
mlContext.Model.Save(hardness, rows.Schema, "hardness.zip");

Console.WriteLine("Hardest to forget, as predicted:");
Console.WriteLine("row   hard  method");
var predictions = mlContext.Data.CreateEnumerable<HardnessOfRow>(hardness.Transform(rows), reuseRowObject: false);
foreach (var row in predictions.OrderByDescending(row => row.HardProbability).Take(10))
    Console.WriteLine($"{row.RowId,-5} {row.HardProbability:0.00}  {row.RecommendedMethod}");
