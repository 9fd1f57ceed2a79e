#!/usr/bin/env dotnet
#:project ../src/Unlearn.MLNet/Unlearn.MLNet.csproj
#:package TorchSharp-cpu
#:property PublishAot=false
#:property UseCurrentRuntimeIdentifier=true
#:property ConcurrentGarbageCollection=false
#:property RestorePackagesWithLockFile=false
// From a table to a certificate of erasure, step by step: dotnet run -c Release examples/erasure.cs
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet;
using Unlearn.Transforms;

// 1. Rows with ids, features and classes, and a model that a recipe has trained on them.
var mlContext = new MLContext(seed: 1);
var rows = mlContext.Data.LoadFromEnumerable(Customer.Draw(400, seed: 1));
var test = mlContext.Data.LoadFromEnumerable(Customer.Draw(200, seed: 2));
var recipe = new TorchRecipe(TorchArchitecture.Mlp(Customer.Features, 2, 32)) { Epochs = 20, BatchSize = 32 };
using var training = TrainingRows.FromDataView(rows);
using var model = recipe.Train(training, Enumerable.Range(0, training.Count).ToArray(), seed: 1);

// 2. Labels: rows are really unlearned, by retraining and by fine-tuning, to see what each leaves of them.
Console.WriteLine("Unlearning rows to learn how hard they are …");
var labels = await mlContext.Data.LabelUnlearningHardnessAsync(
    rows, new HardnessLabelingOptions { Recipe = recipe, TargetSeed = 1, MaximumTrials = 120 });

// 3. A workspace, which keeps the model, a log, and the certificates.
var folder = Directory.CreateTempSubdirectory("erasure-").FullName;
using var erasure = ErasureWorkspace.Create(
    mlContext, Path.Combine(folder, "workspace"), rows, model, labels, new ErasureOptions { Recipe = recipe, TestData = test });

// 4. Two requests: three rows, and everything of one city.
var now = DateTimeOffset.UtcNow;
ErasureRequest[] requests =
[
    new() { Id = "R-1", RowIds = ["5", "17", "42"], ReceivedAt = now, DueAt = now.AddDays(30) },
    ErasureRequest.Where("R-2", rows, "City", "Ulm", now, now.AddDays(30)),
];
foreach (var request in requests)
{
    var plan = erasure.Plan(request);
    Console.WriteLine(plan.Describe());
    var result = await erasure.ExecuteAsync(plan);
    Console.WriteLine($"  {result.State}");
}

// 5. What waits is served by one retraining. Then nothing of the rows is kept.
foreach (var result in await erasure.RetrainAsync())
{
    var audit = result.Audits[^1];
    Console.WriteLine($"{result.RequestId}: {result.Method}, test accuracy {audit.TestAccuracyBefore:0.000} before, {audit.TestAccuracyAfter:0.000} after");
}
foreach (var file in erasure.Purge())
    Console.WriteLine($"{(file.IsRewritten ? "rewritten" : "deleted")}: {Path.GetFileName(file.Path)}, {file.Remembers}");

// 6. Proof.
Console.WriteLine($"Log intact: {ErasureWorkspace.Verify(Path.Combine(folder, "workspace"), erasure.LogHash).IsValid}. Certificates: {folder}");

internal sealed class Customer
{
    public const int Features = 6;

    private static readonly string[] Cities = ["Bonn", "Jena", "Kiel", "Trier", "Ulm"];

    public string RowId { get; set; } = "";

    public string City { get; set; } = "";

    [VectorType(Features), ColumnName("Features")]
    public float[] Values { get; set; } = [];

    public bool Label { get; set; }

    /// <summary>Draws customers. One in twelve has the other class than its features say: such rows are learned by heart.</summary>
    public static IReadOnlyList<Customer> Draw(int count, int seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(row =>
        {
            float[] values = [.. Enumerable.Range(0, Features).Select(_ => (float)random.NextNormal())];
            return new Customer
            {
                RowId = $"{row}", City = Cities[row * Cities.Length / count % Cities.Length], Values = values,
                Label = values[0] + values[1] * values[2] > 0 != (random.Next(12) == 0),
            };
        })];
    }
}
