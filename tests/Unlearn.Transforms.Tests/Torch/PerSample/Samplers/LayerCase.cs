using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

/// <summary>A small classifier around a layer under test, in double precision, with random parameters and statistics.</summary>
internal sealed class LayerCase
{
    public const int Classes = 3;

    /// <summary>Name of the layer under test in the module of <see cref="OfLayer"/>.</summary>
    public const string LayerName = "layer";

    private readonly Func<Module<Tensor, Tensor>> _create;

    private LayerCase(string name, long[] inputShape, long? tokens, Func<Module<Tensor, Tensor>> create)
    {
        Name = name;
        InputShape = inputShape;
        Tokens = tokens;
        _create = create;
    }

    /// <summary>A layer, tanh, and a linear output.</summary>
    public static LayerCase OfLayer(string name, long[] inputShape, Func<Module<Tensor, Tensor>> createLayer) => new(name, inputShape, null, () =>
    {
        var layer = createLayer();
        return Sequential((LayerName, layer), ("tanh", Tanh()), ("flatten", Flatten()), ("output", Linear(OutputCount(layer, inputShape), Classes)));
    });

    /// <summary>A whole module, with random numbers for features, or with token ids below <paramref name="tokens"/>.</summary>
    public static LayerCase OfModule(string name, long[] inputShape, Func<Module<Tensor, Tensor>> create, long? tokens = null) =>
        new(name, inputShape, tokens, create);

    public string Name { get; }

    public long[] InputShape { get; }

    public long? Tokens { get; }

    public override string ToString() => Name;

    public TorchTarget CreateTarget(ScalarType precision = ScalarType.Float64)
    {
        var architecture = TorchArchitecture.Custom("per-sample: " + Name, InputShape, Classes, () => Randomized(_create()));
        var target = TorchTarget.Untrained(architecture, TorchDevice.Cpu, seed: 5);
        target.Module.to(precision);
        return target;
    }

    public Tensor Features(int rows, ScalarType precision = ScalarType.Float64)
    {
        using var generator = new Generator(3);
        var width = InputShape.Aggregate(1L, (product, size) => product * size);
        return (Tokens is { } tokens ? randint(tokens, [rows, width], generator: generator) : randn([rows, width], generator: generator)).to(precision);
    }

    public static Tensor LogitGradients(int rows, ScalarType precision = ScalarType.Float64)
    {
        using var generator = new Generator(4);
        return randn([rows, Classes], generator: generator).to(precision);
    }

    private static long OutputCount(Module<Tensor, Tensor> layer, long[] inputShape)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        layer.eval();
        return layer.call(zeros([1, .. inputShape])).numel();
    }

    // Ones and zeros, which normalization layers begin with, would hide mistakes.
    private static Module<Tensor, Tensor> Randomized(Module<Tensor, Tensor> module)
    {
        using var noGrad = no_grad();
        foreach (var layer in module.modules().Where(layer => layer is NormBase or TorchSharp.Modules.LayerNorm or TorchSharp.Modules.GroupNorm))
            foreach (var parameter in layer.parameters())
                init.uniform_(parameter, -1, 1);
        foreach (var layer in module.modules().OfType<NormBase>().Where(layer => layer.track_running_stats))
        {
            init.uniform_(layer.running_mean, -1, 1);
            init.uniform_(layer.running_var, 0.5, 2);
        }
        return module;
    }
}
