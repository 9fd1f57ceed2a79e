using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Unlearn.Cli.Texts;
using Unlearn.Transforms;
using Unlearn.Transforms.Tests;

namespace Unlearn.TestPrograms.Devices;

/// <summary>A small network of an architecture, and rows for it.</summary>
internal sealed class DeviceCase
{
    private const int Tokens = 6;
    private const int Vocabulary = 12;
    private const int Count = 24;

    // The product refuses to walk across the boundary between tokens, on every device.
    private static readonly string[] Walk = [nameof(HardnessFactors.DeepFoolDistance)];

    // They copy a matrix of each layer back, and the lazy backend repeats forward and backward pass for each of the 62: minutes.
    private static readonly string[] PerLayer = [nameof(HardnessFactors.GradientAlignment), nameof(HardnessFactors.SelfInfluence)];

    private readonly string[] _left;

    private DeviceCase(string name, TorchArchitecture architecture, bool readsTokens = false, int batchSize = 12, params string[] left)
    {
        Name = name;
        _left = left;
        Recipe = new(architecture) { Epochs = 2, BatchSize = batchSize };
        var random = new SeededRandom(5);
        var tiny = TinyRows.Create(Count, architecture.FeatureCount, seed: 3);
        if (readsTokens)
            tiny.ForEach(row => row.Features = [.. row.Features.Select(_ => (float)random.Next(Vocabulary))]);
        Tiny = tiny;
        View = TinyRows.View(Context, tiny, architecture.FeatureCount);
        Rows = TrainingRows.FromDataView(View);
    }

    public static DeviceCase Find(string name) => name switch
    {
        "mlp" => new(name, TorchArchitecture.Mlp(8, TinyRows.Classes, 6)),
        "cnn" => new(name, TorchArchitecture.SmallCnn(1, 8, 8, TinyRows.Classes, [4, 6, 16])),
        "resnet18" => new(name, TorchArchitecture.ResNet18(3, 8, 8, TinyRows.Classes, [2, 3, 4, 5]), batchSize: Count, left: PerLayer),
        "text" => new(name, TorchArchitecture.BagOfTokens(Tokens, Vocabulary, 4, TinyRows.Classes, 5), readsTokens: true, left: Walk),
        "transformer" => new(name, TorchArchitecture.Custom("device-transformer", [Tokens], TinyRows.Classes,
            () => new TextEncoder(Vocabulary, Tokens, 4, 2, TinyRows.Classes)), readsTokens: true, left: Walk),
        _ => throw new ArgumentException($"There is no case '{name}'."),
    };

    public string Name { get; }

    public MLContext Context { get; } = new(1);

    public IReadOnlyList<TinyRows.Row> Tiny { get; }

    public IDataView View { get; }

    public TrainingRows Rows { get; }

    public TorchRecipe Recipe { get; }

    /// <summary>
    /// Whether the network has running statistics. They are updated whenever a program runs, and the lazy backend runs the same program again for each
    /// result, so that they come out wrong there: what a trained network says in evaluation mode cannot be compared.
    /// </summary>
    public bool HasStatistics => Name == "resnet18";

    public int[] Positions => [.. Enumerable.Range(0, Rows.Count)];

    /// <summary>All factors, but for those that are left out with a reason.</summary>
    public IReadOnlyList<IHardnessFactor> Factors => [.. HardnessFactors.All.Where(factor => !_left.Contains(factor.Name))];

    /// <summary>The same parameters on the lazy device.</summary>
    public static TorchTarget OnLazy(TorchTarget target) => TorchTarget.FromModule(target.Architecture, target.Module, LazyDevice.Instance, target.ClassNames);

    /// <summary>Largest difference of two networks' parameters; see <see cref="Difference(IReadOnlyList{float}, IReadOnlyList{float})"/>.</summary>
    public static double Difference(TorchTarget first, TorchTarget second)
    {
        using var scope = torch.NewDisposeScope();
        var others = second.Module.state_dict();
        return first.Module.named_parameters().Max(entry => Difference(Values(entry.parameter), Values(others[entry.name])));
    }

    /// <summary>Largest difference of two values, relative to the value, or to the mean size of all of them where that is larger.</summary>
    public static double Difference(IReadOnlyList<float> first, IReadOnlyList<float> second)
    {
        if (first.Count != second.Count)
            throw new InvalidOperationException($"{first.Count} values, and {second.Count}");
        var size = first.Select(value => Math.Abs((double)value)).DefaultIfEmpty(0).Average();
        return first.Zip(second, (a, b) => a.Equals(b) ? 0 : Math.Abs((double)a - b) / Math.Max(Math.Abs((double)a), size)).DefaultIfEmpty(0).Max();
    }

    public static float[] Values(torch.Tensor tensor) => tensor.detach().cpu().to(torch.float32).contiguous().data<float>().ToArray();

    /// <summary>The factors of the rows, by name.</summary>
    public IReadOnlyDictionary<string, float[]> Columns(ITransformer model)
    {
        var columns = model.Transform(View);
        return Factors.ToDictionary(factor => factor.Name, factor => columns.GetColumn<float>(factor.Name).ToArray());
    }
}
