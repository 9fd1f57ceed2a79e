using TorchSharp;
using Unlearn.Transforms.Torch.Modules;
using Unlearn.Transforms.Torch.PerSample.Samplers;

namespace Unlearn.Transforms.Torch.PerSample;

/// <summary>
/// Whether per-row gradients read through hooks are those that autograd gives, found out on two random rows. They differ where a module uses a
/// layer's parameters without calling the layer, shares a parameter between layers, mixes rows, or changes a layer's output in place. The last needs
/// copies of the outputs; the others the slow path.
/// </summary>
/// <param name="Unsupported">The layers that cannot be sampled.</param>
/// <param name="CopiesOutputs">Whether outputs must be copied before they are passed on.</param>
internal sealed record SamplingCheck(IReadOnlyList<UnsupportedLayer> Unsupported, bool CopiesOutputs)
{
    private const int Rows = 2;
    private const double RelativeTolerance = 1e-2;

    /// <summary>Runs the check.</summary>
    /// <param name="network">The network.</param>
    /// <param name="allLayers">Its layers.</param>
    /// <param name="forward">A pass over features, with or without copies of the layers' outputs.</param>
    public static SamplingCheck Run(TorchNetwork network, IReadOnlyList<ObservedLayer> allLayers, Func<torch.Tensor, bool, PerSamplePass> forward)
    {
        List<ObservedLayer> layers = [.. allLayers.Where(layer => layer.Training != LayerTraining.None)];
        List<UnsupportedLayer> refused =
        [
            .. layers.Where(layer => layer.Refusal is not null).Select(layer => new UnsupportedLayer(layer.Name, layer.Refusal!)),
        ];
        if (refused.Count == layers.Count)
            return new(refused, CopiesOutputs: false);
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)Seed.Derive(0, nameof(SamplingCheck)));
        var dtype = network.Module.parameters().First().dtype;
        // Between 0 and 1: a module that makes token ids of its features makes 0 of these.
        var features = torch.rand([Rows, network.Architecture.FeatureCount], generator: generator).to(dtype);
        var logitGradients = torch.randn([Rows, network.Architecture.ClassCount], generator: generator).to(dtype);
        var expected = new Dictionary<(string Layer, int Row), double>();
        RowByRowGradients.ForEach(network, features, logitGradients, (row, gradients) =>
        {
            foreach (var layer in gradients.GroupBy(gradient => LayerSamplers.LayerOf(gradient.Parameter)))
                expected[(layer.Key, row)] = layer.Sum(gradient => RowByRowGradients.SquaredNorm(gradient.Gradient));
        });

        var differing = Differing(layers, expected, forward(features, false), logitGradients);
        if (differing.Count == 0)
            return new(refused, CopiesOutputs: false);
        var differingWithCopies = Differing(layers, expected, forward(features, true), logitGradients);
        return differingWithCopies.Count < differing.Count
            ? new([.. refused, .. differingWithCopies], CopiesOutputs: true)
            : new([.. refused, .. differing], CopiesOutputs: false);
    }

    private static List<UnsupportedLayer> Differing(
        IReadOnlyList<ObservedLayer> layers, Dictionary<(string Layer, int Row), double> expected, PerSamplePass pass, torch.Tensor logitGradients)
    {
        var withoutRows = pass.LayersWithoutRows.ToHashSet();
        List<UnsupportedLayer> differing = [.. withoutRows.Select(
            layer => new UnsupportedLayer(layer.Name, "returns one output for all rows: give it an input for each row, for example by expand"))];
        var norms = pass.ParameterGradients(logitGradients).ToDictionary(
            gradient => gradient.Name, gradient => gradient.SquaredNorms().to(torch.ScalarType.Float64).cpu().data<double>().ToArray());
        foreach (var layer in layers.Where(layer => layer.Sampler is not null && !withoutRows.Contains(layer)))
            if (Enumerable.Range(0, Rows).Any(row => Differ(norms.GetValueOrDefault(layer.Name)?[row] ?? 0, expected.GetValueOrDefault((layer.Name, row)))))
                differing.Add(
                    new(layer.Name,
                        layer.Training == LayerTraining.Some
                            ? "has trainable and frozen parameters: freeze all of them, or none"
                            : "has other gradients than autograd's when they are read from its calls: the module uses its parameters without calling it, "
                            + "shares them with another layer, or mixes rows"));
        return differing;
    }

    private static bool Differ(double squaredNorm, double expected) =>
        Math.Abs(Math.Sqrt(squaredNorm) - Math.Sqrt(expected)) > RelativeTolerance * Math.Sqrt(expected) + float.Epsilon;
}
