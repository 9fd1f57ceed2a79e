using TorchSharp;
using Unlearn.Transforms.PerSample;

namespace Unlearn.MLNet.Unlearners.ParameterUpdates;

/// <summary>Gradients of a run's model row by row, in evaluation mode, in tensors that go with <see cref="UnlearningRun.Parameters"/>.</summary>
internal static class PerRowGradients
{
    /// <summary>Σ over rows of the squares of ∇_θ(−log p_y), each tensor of its parameter's shape.</summary>
    /// <exception cref="ArgumentException">A layer has no per-row gradients.</exception>
    public static IReadOnlyList<torch.Tensor> SumOfSquares(UnlearningRun run, IReadOnlyList<int> positions)
    {
        var sums = run.Parameters.Select(parameter => torch.zeros_like(parameter, requires_grad: false)).ToList();
        ForEachBatch(run, positions, (pass, labels) =>
        {
            var errors = pass.Logits.detach().softmax(1) - torch.nn.functional.one_hot(labels, pass.Logits.shape[1]);
            foreach (var (sum, gradients) in sums.Zip(OfLogits(run, pass, errors)))
                sum.add_(gradients.square().sum(dim: 0).reshape(sum.shape));
        });
        return sums;
    }

    /// <summary>Goes through rows in batches: visits each batch's forward pass and labels, whose tensors live as long as the visit.</summary>
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
            visit(run.Model.PerSample.Forward(rows.Features.index_select(0, at), withGradients: true), rows.Labels.index_select(0, at).to(run.Model.Device));
        }
    }

    /// <summary>Gradients of Σ_n v_n · f_n: rows × values for each parameter.</summary>
    /// <param name="run">The run.</param>
    /// <param name="pass">A forward pass of its model.</param>
    /// <param name="logitGradients">v: rows × classes.</param>
    public static IReadOnlyList<torch.Tensor> OfLogits(UnlearningRun run, PerSamplePass pass, torch.Tensor logitGradients)
    {
        var ofLayers = pass.ParameterGradients(logitGradients).ToDictionary(layer => layer.Name, layer => layer.Flatten(), StringComparer.Ordinal);
        var used = ofLayers.Keys.ToDictionary(layer => layer, _ => 0L, StringComparer.Ordinal);
        return [.. run.Model.Module.named_parameters().Select(named =>
        {
            var layer = named.name.LastIndexOf('.') is >= 0 and var dot ? named.name[..dot] : LayerSamplers.Root;
            var count = named.parameter.numel();
            if (!ofLayers.TryGetValue(layer, out var gradients))
                return torch.zeros([logitGradients.shape[0], count], device: run.Model.Device);
            var start = used[layer];
            used[layer] += count;
            return gradients.narrow(1, start, count);
        })];
    }
}
