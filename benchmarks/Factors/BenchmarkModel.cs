using Microsoft.ML;
using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Factors;

/// <summary>A target with random rows: what a factor costs does not depend on what the target has learned.</summary>
internal sealed class BenchmarkModel : IDisposable
{
    private const int Classes = 10;

    private BenchmarkModel(string name, TorchArchitecture architecture, int rows)
    {
        Name = name;
        var mlContext = new MLContext(1);
        Rows = TrainingRows.FromDataView(RandomRows.View(mlContext, rows, architecture.FeatureCount, Classes, seed: 1));
        Data = mlContext.Data.Cache(Rows.ToDataView(mlContext));
        Module = architecture.CreateModule(seed: 1);
        Target = TorchTarget.FromModule(architecture, Module, TorchDevice.Cpu);
        InputShape = architecture.InputShape;
    }

    public static string[] Names => ["cnn", "resnet18", "mlp"];

    public static BenchmarkModel Create(string name) => name switch
    {
        "cnn" => new(name, TorchArchitecture.SmallCnn(1, 28, 28, Classes), rows: 16384),
        "resnet18" => new(name, TorchArchitecture.ResNet18(3, 32, 32, Classes), rows: 64),
        _ => new(name, TorchArchitecture.Mlp(784, Classes, 256, 128), rows: 8192),
    };

    public string Name { get; }

    public TrainingRows Rows { get; }

    public IDataView Data { get; }

    public TorchTarget Target { get; }

    private torch.nn.Module<torch.Tensor, torch.Tensor> Module { get; }

    private IReadOnlyList<long> InputShape { get; }

    /// <summary>The yardstick: one forward and one backward pass over all rows, as training does it, without the optimizer's step.</summary>
    public void ForwardAndBackward(int batchSize)
    {
        for (long start = 0; start < Rows.Count; start += batchSize)
        {
            using var scope = torch.NewDisposeScope();
            var end = Math.Min(start + batchSize, Rows.Count);
            var features = Rows.Features.slice(0, start, end, 1);
            var logits = Module.call(features.reshape([features.shape[0], .. InputShape]));
            Module.zero_grad();
            torch.nn.functional.cross_entropy(logits, Rows.Labels.slice(0, start, end, 1)).backward();
        }
    }

    public void Dispose()
    {
        Target.Dispose();
        Module.Dispose();
        Rows.Dispose();
    }
}
