using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>Per-row gradients of a run's model, in evaluation mode, as tensors in the order of <see cref="UnlearningRun.Parameters"/>.</summary>
internal static class PerRowGradients
{
    /// <summary>Σ over rows of the squares of ∇_θ(−log p_y), each tensor of its parameter's shape.</summary>
    /// <exception cref="ArgumentException">A layer has no per-row gradients.</exception>
    public static IReadOnlyList<torch.Tensor> SumOfSquares(UnlearningRun run, IReadOnlyList<int> positions)
    {
        var sums = run.Parameters.Select(parameter => torch.zeros_like(parameter, requires_grad: false)).ToList();
        ForEachBatch(run, positions, (pass, labels) =>
        {
            var errors = LogitGradients.OfLoss(pass.Logits.detach().log_softmax(1), labels);
            foreach (var (sum, squares) in sums.Zip(OfParameters(run, pass, errors, layer => layer.SquaredSum())))
                sum.AddInPlace((squares ?? torch.zeros_like(sum)).reshape(sum.shape));
        });
        return sums;
    }

    /// <summary>
    /// Diagonal of the Fisher matrix: the mean over rows of Σ_k p_k (∇_θ log p_k)², each tensor of its parameter's shape. The expectation is over the
    /// model's labels k, which makes it the diagonal of the Gauss-Newton matrix of the cross-entropy too.
    /// </summary>
    /// <exception cref="ArgumentException">A layer has no per-row gradients.</exception>
    public static IReadOnlyList<torch.Tensor> FisherDiagonal(UnlearningRun run, IReadOnlyList<int> positions)
    {
        var sums = run.Parameters.Select(parameter => torch.zeros_like(parameter, requires_grad: false)).ToList();
        ForEachBatch(run, positions, (pass, labels) =>
        {
            var logProbabilities = pass.Logits.detach().log_softmax(1);
            for (var k = 0; k < logProbabilities.shape[1]; k++)
            {
                using var scope = torch.NewDisposeScope();
                var errors = logProbabilities[.., k].exp().sqrt().unsqueeze(1) * LogitGradients.OfLoss(logProbabilities, labels.FullLike(k));
                foreach (var (sum, squares) in sums.Zip(OfParameters(run, pass, errors, layer => layer.SquaredSum())))
                    sum.AddInPlace((squares ?? torch.zeros_like(sum)).reshape(sum.shape), 1.0 / positions.Count);
            }
        });
        return sums;
    }

    /// <summary>
    /// Goes through rows in batches and calls a function with each batch's forward pass and labels. Their tensors are disposed after the call.
    /// </summary>
    /// <exception cref="ArgumentException">A layer has no per-row gradients.</exception>
    public static void ForEachBatch(UnlearningRun run, IReadOnlyList<int> positions, Action<PerSamplePass, torch.Tensor> visit)
    {
        if (run.Model.PerSample.Unsupported is [var layer, ..])
            throw new ArgumentException($"{run.Unlearner} needs the per-row gradients of every layer, but {layer}; or use NegGrad+.");
        var rows = run.Request.Rows;
        foreach (var chunk in positions.Chunk(run.Recipe.BatchSize))
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            var at = torch.tensor(Array.ConvertAll(chunk, position => (long)position));
            visit(run.Model.PerSample.Forward(rows.SelectFeatures(at), withGradients: true), rows.Labels.index_select(0, at).to(run.Model.Device));
        }
    }

    /// <summary>Gradients of Σ_n v_n · f_n: rows × values for each parameter.</summary>
    /// <param name="run">The run.</param>
    /// <param name="pass">A forward pass of its model.</param>
    /// <param name="logitGradients">v: rows × classes.</param>
    public static IReadOnlyList<torch.Tensor> OfLogits(UnlearningRun run, PerSamplePass pass, torch.Tensor logitGradients) =>
        [.. OfParameters(run, pass, logitGradients, layer => layer.Flatten()).Zip(run.Parameters, (gradients, parameter) =>
            gradients ?? torch.zeros([logitGradients.shape[0], parameter.numel()], device: run.Model.Device))];

    // The values read from a layer have the layer's parameters, one after another, in the last dimension; null for parameters that the logits do not depend on.
    private static IEnumerable<torch.Tensor?> OfParameters(
        UnlearningRun run, PerSamplePass pass, torch.Tensor logitGradients, Func<LayerGradient, torch.Tensor> read)
    {
        var ofLayers = pass.ParameterGradients(logitGradients).ToDictionary(layer => layer.Name, read, StringComparer.Ordinal);
        var used = ofLayers.Keys.ToDictionary(layer => layer, _ => 0L, StringComparer.Ordinal);
        foreach (var (name, parameter) in run.Model.Trainable)
        {
            var layer = LayerSamplers.LayerOf(name);
            if (!ofLayers.TryGetValue(layer, out var values))
            {
                yield return null;
                continue;
            }
            yield return values.narrow(-1, used[layer], parameter.numel());
            used[layer] += parameter.numel();
        }
    }
}
