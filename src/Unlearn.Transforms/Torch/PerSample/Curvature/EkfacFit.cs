using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms.Torch.PerSample.Curvature;

/// <summary>
/// Learns a module's Fisher matrix, layer by layer, in the eigenbasis of its Kronecker factors (EK-FAC: George et al., arXiv 1806.03884). Labels are drawn from
/// the module's own predictions, so that it is the true Fisher matrix, not the empirical one; for the cross-entropy it is the Gauss-Newton matrix.
/// </summary>
internal static class EkfacFit
{
    /// <summary>Goes twice through the rows: for the bases, and for the eigenvalues in them.</summary>
    /// <param name="forEachPass">
    /// Has an action visit the forward pass of each batch, with gradients off, in the same order each time; tensors live as long as the visit.
    /// </param>
    /// <param name="seed">Seed of the drawn labels.</param>
    /// <returns>Per name of a layer, its curvature. The tensors belong to the caller's dispose scope.</returns>
    public static IReadOnlyDictionary<string, LayerCurvature> Run(Action<Action<PerSamplePass>> forEachPass, long seed)
    {
        Dictionary<string, KroneckerFactors> factors = new(StringComparer.Ordinal);
        Dictionary<string, torch.Tensor> sums = new(StringComparer.Ordinal);
        using var scope = torch.NewDisposeScope();
        ForEachLayer(forEachPass, seed, layer =>
        {
            if (!factors.TryGetValue(layer.Name, out var ofLayer))
            {
                if (layer.CreateCovariances() is not { } zeros)
                    return;
                factors[layer.Name] = ofLayer = zeros;
                scope.Attach([zeros.Inputs, zeros.Outputs]);
            }
            layer.AddCovariances(ofLayer);
        });
        var bases = factors.ToDictionary(layer => layer.Key, layer => layer.Value.Decompose(), StringComparer.Ordinal);
        var rows = ForEachLayer(forEachPass, seed, layer =>
        {
            var squares = layer.SumOfSquares(bases.GetValueOrDefault(layer.Name));
            if (sums.TryAdd(layer.Name, squares))
                scope.Attach(squares);
            else
                sums[layer.Name].AddInPlace(squares);
        });
        return sums.ToDictionary(
            layer => layer.Key,
            layer => new LayerCurvature(
                bases.GetValueOrDefault(layer.Key) is { } basis ? new(basis.Inputs.MoveToOuterDisposeScope(), basis.Outputs.MoveToOuterDisposeScope()) : null,
                layer.Value.Div(rows).MoveToOuterDisposeScope()),
            StringComparer.Ordinal);
    }

    private static long ForEachLayer(Action<Action<PerSamplePass>> forEachPass, long seed, Action<LayerGradient> visit)
    {
        using var generator = new torch.Generator((ulong)seed);
        long rows = 0;
        forEachPass(pass =>
        {
            var logProbabilities = pass.Logits.detach().log_softmax(1);
            var drawn = torch.multinomial(logProbabilities.exp().cpu(), 1, generator: generator).squeeze(1).to(logProbabilities.device);
            foreach (var gradient in pass.ParameterGradients(LogitGradients.OfLoss(logProbabilities, drawn)))
                visit(gradient);
            rows += logProbabilities.shape[0];
        });
        return rows;
    }
}
