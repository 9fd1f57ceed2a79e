using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms;

/// <summary>
/// The mean of the embeddings of a row's tokens (a bag of words; Joulin et al., arXiv 1607.01759). Rows are token numbers as <see cref="float"/> values;
/// token 0 is padding and does not count. A row of nothing but padding gives zeros.
/// </summary>
public sealed class TokenAverage : Module<torch.Tensor, torch.Tensor>
{
    internal const long Padding = 0;

    private readonly Embedding embedding;

    /// <summary>Creates the layer with normally distributed embeddings.</summary>
    /// <param name="vocabularySize">Number of tokens, padding included, at least 2.</param>
    /// <param name="dimensions">Dimensions of an embedding, at least 1.</param>
    public TokenAverage(int vocabularySize, int dimensions) : base(nameof(TokenAverage))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        embedding = Embedding(vocabularySize, dimensions);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var tokens = input.to(torch.ScalarType.Int64);
        return Average(embedding.call(tokens), tokens).MoveToOuterDisposeScope();
    }

    /// <param name="embedded">… × tokens of a row × dimensions.</param>
    /// <param name="tokens">… × tokens of a row.</param>
    internal static torch.Tensor Average(torch.Tensor embedded, torch.Tensor tokens)
    {
        var weights = tokens.Ne(Padding).to(embedded.dtype);
        weights = weights / weights.sum(-1, keepdim: true).ClampMin(1);
        return weights.unsqueeze(-2).matmul(embedded).squeeze(-2);
    }
}
