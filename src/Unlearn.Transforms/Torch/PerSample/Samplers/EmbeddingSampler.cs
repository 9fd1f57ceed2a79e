using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

internal sealed class EmbeddingSampler : LayerSampler<Embedding>
{
    private readonly EmbeddingProbe _probe;

    public EmbeddingSampler(Embedding layer) : base(layer) => _probe = new(layer.weight!, layer.forward);

    public override string? Refusal => _probe.IsGradientOfFirstToken(2, secondIsFirst: true)
        ? null
        : "scales gradients by how often a token is in the batch, so that a row's gradient depends on the other rows";

    public override bool IsEmbedding => true;

    public override bool HasRows(torch.Tensor output, long rows) => HasRowAfterRow(output, rows);

    public override LayerGradient Gradient(string name, long rows, IReadOnlyList<LayerCall> calls)
    {
        var (vocabulary, dimensions) = (Layer.weight!.shape[0], Layer.weight!.shape[1]);
        var tokens = Positions(calls, call => call.Input.to(torch.ScalarType.Int64), rows, 1).squeeze(2);
        var row = HeldNumbers.Arange(rows, device: tokens.device).unsqueeze(1).expand(tokens.shape).flatten();
        var token = tokens.flatten();
        var gradients = Positions(calls, call => call.OutputGradient, rows, dimensions).flatten(0, 1) * _probe.IsTrained.index_select(0, token).unsqueeze(1);
        return EmbeddingGradient.OfTokens(name, rows, vocabulary, row, token, gradients);
    }
}
