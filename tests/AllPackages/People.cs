using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;

namespace AllPackages;

/// <summary>A small table, and how a network learns it.</summary>
internal static class People
{
    public const int Width = 4;

    public static TorchRecipe Recipe { get; } = new(TorchArchitecture.Mlp(Width, 2, 8)) { Epochs = 5, BatchSize = 16, Device = TorchDevice.Cpu };

    public static IDataView Load(MLContext context)
    {
        var random = new Random(1);
        return context.Data.AddRowIds(context.Data.LoadFromEnumerable(Enumerable.Range(0, 120).Select(row => new Person
        {
            Label = row % 2 == 1,
            Features = [.. Enumerable.Range(0, Width).Select(_ => (float)random.NextDouble() + row % 2)],
        }).ToList()));
    }

    /// <summary>What a model that is exported is given.</summary>
    public class Input
    {
        [VectorType(Width)]
        public float[] Features { get; set; } = new float[Width];
    }

    private sealed class Person : Input
    {
        public bool Label { get; set; }
    }
}
