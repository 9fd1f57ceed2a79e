using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

internal sealed class EmbeddingBagSampler : LayerSampler
{
    private readonly EmbeddingBag _layer;
    private readonly EmbeddingProbe _probe;
    private readonly bool _isSum;
    private readonly bool _isMean;

    public EmbeddingBagSampler(EmbeddingBag layer)
    {
        _layer = layer;
        _probe = new(layer.weight!, tokens => layer.forward(tokens, null, null));
        _isSum = _probe.IsGradientOfFirstToken(2, secondIsFirst: true) && _probe.IsGradientOfFirstToken(1, secondIsFirst: false);
        _isMean = _probe.IsGradientOfFirstToken(1, secondIsFirst: true) && _probe.IsGradientOfFirstToken(0.5, secondIsFirst: false);
    }

    public override string? Refusal => _isSum || _isMean
        ? null
        : "neither sums nor averages the tokens of a bag, or scales gradients by how often a token is in the batch: use mode Sum or Mean";

    public override bool IsEmbedding => true;

    public override void Observe(Func<IReadOnlyList<torch.Tensor?>, torch.Tensor, torch.Tensor> onCall) =>
        _layer.register_forward_hook((_, tokens, offsets, weights, output) => onCall([tokens, offsets, weights], output));

    public override LayerGradient Gradient(string name, long rows, IReadOnlyList<LayerCall> calls)
    {
        var bags = calls.Select(call => Bags(call, rows)).ToList();
        return bags.Count == 1 ? EmbeddingGradient.OfBags(name, rows, Vocabulary, bags[0].Row, bags[0].Token, bags[0].Weight, calls[0].OutputGradient)
            : EmbeddingGradient.OfTokens(name, rows, Vocabulary, torch.cat([.. bags.Select(bag => bag.Row)]), torch.cat([.. bags.Select(bag => bag.Token)]),
                torch.cat([.. bags.Zip(calls, (bag, call) => bag.Weight.unsqueeze(1) * call.OutputGradient.index_select(0, bag.Row))]));
    }

    private long Vocabulary => _layer.weight!.shape[0];

    // Row, token and weight of each entry: rows × tokens, or all bags one after the other with the offset where each begins.
    private (torch.Tensor Row, torch.Tensor Token, torch.Tensor Weight) Bags(LayerCall call, long rows)
    {
        var token = call.Input.flatten().to(torch.ScalarType.Int64);
        var row = call.Inputs[1] is { } offsets
            ? RowOfEntry(offsets.to(torch.ScalarType.Int64), token.shape[0], rows)
            : HeldNumbers.Arange(rows, device: token.device).unsqueeze(1).expand(call.Input.shape).flatten();
        var weight = _probe.IsTrained.index_select(0, token);
        if (call.Inputs[2] is { } weights)
            weight = weight * weights.flatten();
        if (_isMean)
            weight = weight / torch.zeros([rows], weight.dtype, weight.device).IndexAddInPlace(0, row, weight).ClampMin(1).index_select(0, row);
        return (row, token, weight);
    }

    // The number of rows after the first that begin at or before an entry. The last row may be empty, and begin after the last entry.
    private static torch.Tensor RowOfEntry(torch.Tensor offsets, long entries, long rows)
    {
        var begins = offsets.slice(0, 1, rows, 1);
        return torch.zeros([entries + 1], torch.ScalarType.Int64, offsets.device).IndexAddInPlace(0, begins, torch.ones_like(begins)).cumsum(0).narrow(
            0, 0, entries);
    }
}
