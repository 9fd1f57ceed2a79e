using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>
/// Gradients of an embedding table: of each row only the entries of its own tokens, each token once. Never rows × vocabulary.
/// </summary>
internal sealed class EmbeddingGradient : LayerGradient
{
    private readonly long _rows;
    private readonly long _vocabulary;
    private readonly torch.Tensor _row;
    private readonly torch.Tensor _token;
    private readonly torch.Tensor _values;

    private EmbeddingGradient(string name, long rows, long vocabulary, torch.Tensor keys, torch.Tensor values) : base(name)
    {
        _rows = rows;
        _vocabulary = vocabulary;
        _row = keys.FloorDivide(vocabulary);
        _token = keys.Remainder(vocabulary);
        _values = values;
    }

    /// <summary>The gradients of a layer that gives one vector for each token.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="vocabulary">Number of tokens that the table knows.</param>
    /// <param name="row">Row of each entry, <c>int64</c>.</param>
    /// <param name="token">Token of each entry, <c>int64</c>.</param>
    /// <param name="gradients">Gradient of each entry: entries × dimensions.</param>
    public static EmbeddingGradient OfTokens(string name, long rows, long vocabulary, torch.Tensor row, torch.Tensor token, torch.Tensor gradients)
    {
        var (keys, inverse) = Distinct(row, token, vocabulary);
        return new(name, rows, vocabulary, keys,
            torch.zeros([keys.shape[0], gradients.shape[1]], gradients.dtype, gradients.device).IndexAddInPlace(0, inverse, gradients));
    }

    /// <summary>The gradients of a layer that gives one vector for each row, a weighted sum over its tokens.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="vocabulary">Number of tokens that the table knows.</param>
    /// <param name="row">Row of each entry, <c>int64</c>.</param>
    /// <param name="token">Token of each entry, <c>int64</c>.</param>
    /// <param name="weights">Weight of each entry in its row's sum.</param>
    /// <param name="gradients">Gradient of each row's sum: rows × dimensions.</param>
    public static EmbeddingGradient OfBags(
        string name, long rows, long vocabulary, torch.Tensor row, torch.Tensor token, torch.Tensor weights, torch.Tensor gradients)
    {
        var (keys, inverse) = Distinct(row, token, vocabulary);
        var weightOfKey = torch.zeros([keys.shape[0]], gradients.dtype, gradients.device).IndexAddInPlace(0, inverse, weights);
        return new(name, rows, vocabulary, keys, weightOfKey.unsqueeze(1) * gradients.index_select(0, keys.FloorDivide(vocabulary)));
    }

    public override torch.Device Device => _values.device;

    public override torch.Tensor SquaredNorms() => ByRow(_values.Square().sum(dim: 1));

    public override torch.Tensor Flatten() =>
        Zeros(_rows * _vocabulary, Dimensions).IndexAddInPlace(0, _row.Mul(_vocabulary).Add(_token), _values).reshape(_rows, _vocabulary * Dimensions);

    public override torch.Tensor Sum() => ByToken(_values);

    public override torch.Tensor Dot(torch.Tensor direction) => ByRow((_values * OfToken(direction)).sum(dim: 1));

    public override torch.Tensor SumOfSquares(EigenBasis? basis) => ByToken(_values.Square());

    public override torch.Tensor WeightedSquaredNorms(torch.Tensor weights, EigenBasis? basis) => ByRow((_values.Square() * OfToken(weights)).sum(dim: 1));

    private static (torch.Tensor Keys, torch.Tensor Inverse) Distinct(torch.Tensor row, torch.Tensor token, long vocabulary)
    {
        var (keys, inverse, _) = row.Mul(vocabulary).Add(token).unique(return_inverse: true);
        return (keys, inverse!);
    }

    private long Dimensions => _values.shape[1];

    private torch.Tensor ByRow(torch.Tensor ofEntries) => torch.zeros([_rows], _values.dtype, _values.device).IndexAddInPlace(0, _row, ofEntries);

    private torch.Tensor ByToken(torch.Tensor ofEntries) => Zeros(_vocabulary, Dimensions).IndexAddInPlace(0, _token, ofEntries).flatten();

    private torch.Tensor OfToken(torch.Tensor ofParameters) => ofParameters.reshape(_vocabulary, Dimensions).index_select(0, _token);

    private torch.Tensor Zeros(long rows, long columns) => torch.zeros([rows, columns], _values.dtype, _values.device);
}
