using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;
using static TorchSharp.torch.nn;

namespace Unlearn.Cli.Texts;

/// <summary>
/// A transformer encoder of one layer, with the normalization before each part (Xiong et al., arXiv 2002.04745), and the mean over the words on top.
/// Maps rows × words (token numbers, 0 for padding) to logits.
/// </summary>
internal sealed class TextEncoder : Module<torch.Tensor, torch.Tensor>
{
    private readonly Embedding words;
    private readonly Embedding positions;
    private readonly LayerNorm attentionNorm;
    private readonly SelfAttention attention;
    private readonly LayerNorm hiddenNorm;
    private readonly Linear hidden;
    private readonly Linear contraction;
    private readonly Linear output;

    public TextEncoder(int vocabularySize, int length, int width, int heads, int classCount) : base(nameof(TextEncoder))
    {
        words = Embedding(vocabularySize, width);
        positions = Embedding(length, width);
        attentionNorm = LayerNorm(width);
        attention = new SelfAttention(width, heads);
        hiddenNorm = LayerNorm(width);
        hidden = Linear(width, 2 * width);
        contraction = Linear(2 * width, width);
        output = Linear(width, classCount);
        RegisterComponents();
    }

    public override torch.Tensor forward(torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var tokens = input.to(torch.ScalarType.Int64);
        var places = HeldNumbers.Arange(tokens.shape[1], device: tokens.device).expand(tokens.shape);
        var encoded = words.call(tokens).Add(positions.call(places));
        encoded = encoded.Add(attention.call(attentionNorm.call(encoded)));
        encoded = encoded.Add(contraction.call(functional.relu(hidden.call(hiddenNorm.call(encoded)))));
        var isWord = tokens.Ne(0).to(encoded.dtype).unsqueeze(-1);
        var mean = (encoded * isWord).sum(1) / isWord.sum(1).ClampMin(1);
        return output.call(mean).MoveToOuterDisposeScope();
    }
}
