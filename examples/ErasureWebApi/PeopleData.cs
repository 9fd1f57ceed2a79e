using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Hosting;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Examples.ErasureWebApi;

/// <summary>A table of 240 people who do not exist, made from a seed, and the model of whom is to forget.</summary>
internal sealed class PeopleData : IErasureData
{
    private const int People = 240;
    private const int Columns = 6;
    private const long Seed = 1;

    private static readonly TorchRecipe Recipe = new(TorchArchitecture.Mlp(Columns, 2, 16)) { Epochs = 10, BatchSize = 16, Device = TorchDevice.Cpu };

    private sealed record Person(string RowId, [property: VectorType(Columns)] float[] Features, bool Label);

    public IDataView LoadRows(MLContext mlContext) => mlContext.Data.LoadFromEnumerable(Draw(People, seed: 1));

    public ErasureOptions CreateOptions(MLContext mlContext) =>
        new() { Recipe = Recipe, TestData = mlContext.Data.LoadFromEnumerable(Draw(People / 2, seed: 2)) };

    /// <summary>Trains the model, labels its rows and creates the workspace, unless the folder has one.</summary>
    public static async Task CreateWorkspaceAsync(string folder, CancellationToken cancellationToken = default)
    {
        if (File.Exists(Path.Combine(folder, "erasure.json")))
            return;
        var (data, mlContext) = (new PeopleData(), new MLContext(seed: 1));
        var rows = data.LoadRows(mlContext);
        var labels = await mlContext.Data.LabelUnlearningHardnessAsync(
            rows,
            new HardnessLabelingOptions
            {
                Recipe = Recipe, TargetSeed = Seed, CeilingGoal = 0.51, MaximumTrials = 200, SingleRowTime = TimeSpan.Zero, Calibration = null,
            },
            cancellationToken: cancellationToken);
        using var training = TrainingRows.FromDataView(rows);
        using var model = Recipe.Train(training, Enumerable.Range(0, training.Count).ToArray(), Seed, cancellationToken: cancellationToken);
        ErasureWorkspace.Create(mlContext, folder, rows, model, labels, data.CreateOptions(mlContext)).Dispose();
    }

    private static List<Person> Draw(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(1, count).Select(i =>
        {
            float[] features = [.. Enumerable.Range(0, Columns).Select(_ => (float)(2 * random.NextDouble() - 1))];
            return new Person($"person-{i:000}", features, features[0] + features[1] * features[2] + 0.3 * random.NextDouble() > 0);
        })];
    }
}
