using Microsoft.ML;
using Unlearn.Benchmarks.Factors;
using Unlearn.Transforms.Targets;

namespace Unlearn.Benchmarks.Trials;

/// <summary>A recipe with random rows: what a training costs does not depend on what it learns.</summary>
internal sealed class BenchmarkRecipe : IDisposable
{
    private const int Classes = 10;

    private BenchmarkRecipe(string name, TorchArchitecture architecture, int rows, int stack, int tokens = 0)
    {
        Name = name;
        Recipe = new TorchRecipe(architecture) { Epochs = 2, Device = TorchDevice.Cpu };
        Stack = stack;
        Rows = TrainingRows.FromDataView(RandomRows.View(new MLContext(1), rows, architecture.FeatureCount, Classes, seed: 1, tokens));
    }

    public static string[] Names => ["cnn", "mlp", "linear", "text"];

    public static BenchmarkRecipe Create(string name) => name switch
    {
        "cnn" => new(name, TorchArchitecture.SmallCnn(1, 28, 28, Classes), rows: 2000, stack: 16),
        "mlp" => new(name, TorchArchitecture.Mlp(64, Classes, 64, 32), rows: 2000, stack: 32),
        "linear" => new(name, TorchArchitecture.Mlp(100, Classes), rows: 2000, stack: 64),
        _ => new(name, TorchArchitecture.BagOfTokens(64, vocabularySize: 2000, dimensions: 32, Classes), rows: 2000, stack: 8, tokens: 2000),
    };

    public string Name { get; }

    public TorchRecipe Recipe { get; }

    /// <summary>Models in a stack.</summary>
    public int Stack { get; }

    public TrainingRows Rows { get; }

    /// <summary>Trains as many models as are in a stack, each without 30 % of the rows.</summary>
    /// <param name="stack">Models at once.</param>
    public void Train(int stack)
    {
        var retained = Rows.Count * 7 / 10;
        var trainings = Enumerable.Range(0, Stack).Select(model => ((ReadOnlyMemory<int>)Enumerable.Range(model, retained).ToArray(), (long)model)).ToList();
        foreach (var target in (Recipe with { Stack = stack }).TrainMany(Rows, trainings))
            target.Dispose();
    }

    public void Dispose() => Rows.Dispose();
}
