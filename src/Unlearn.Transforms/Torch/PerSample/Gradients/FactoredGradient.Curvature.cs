using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <content>
/// What EK-FAC needs: George et al., arXiv 1806.03884, and for convolutions Grosse and Martens, arXiv 1602.01407. Groups of a convolution share one eigenbasis,
/// and have eigenvalues of their own.
/// </content>
internal sealed partial class FactoredGradient
{
    public override KroneckerFactors? CreateCovariances() => new(Zeros(WidthWithBias), Zeros(Outputs));

    public override void AddCovariances(KroneckerFactors sums)
    {
        foreach (var call in _calls)
        {
            RowChunks.ForEach(_rows, _groups * call.Layout.ColumnCopies,
                (start, count) => AddInputs(sums.Inputs, call.Layout.AllColumns(call.Blocks(start * _groups, count * _groups))));
            RowChunks.ForEach(_rows, _groups * Outputs * call.Layout.Positions,
                (start, count) => AddProducts(sums.Outputs, OutputGradients(call, start, count).transpose(0, 1).flatten(1)));
        }
    }

    public override torch.Tensor SumOfSquares(EigenBasis? basis) => IsOuterProduct
        ? Gradients(0, _rows, basis).Square().t().mm(Inputs(0, _rows, basis).Square()).unsqueeze(0)
        : RowChunks.Sum(_rows, ValuesOfRotatedRow, (start, count) => RotatedMatrices(start, count, basis).Square().sum(dim: 0));

    public override torch.Tensor SquaredSum()
    {
        var squares = SumOfSquares(null);
        return _hasBias ? torch.cat([squares.narrow(2, 0, Width).flatten(), squares.select(2, Width).flatten()]) : squares.flatten();
    }

    public override torch.Tensor WeightedSquaredNorms(torch.Tensor weights, EigenBasis? basis)
    {
        if (IsOuterProduct)
            return (Gradients(0, _rows, basis).Square().mm(weights.squeeze(0)) * Inputs(0, _rows, basis).Square()).sum(dim: 1);
        var flat = weights.flatten();
        return RowChunks.PerRow(
            _rows, ValuesOfRotatedRow, (start, count) => RotatedMatrices(start, count, basis).Square().reshape(count, flat.shape[0]).mv(flat));
    }

    private bool IsOuterProduct => _calls.Count == 1 && _groups == 1 && _calls[0].Layout.Positions == 1;

    private long WidthWithBias => Width + (_hasBias ? 1 : 0);

    private long ValuesOfRotatedRow => _groups
        * (3 * Outputs * WidthWithBias + _calls.Max(call => call.Layout.BlockValues + (RotatesFactors(call) ? 3 * WidthWithBias * call.Layout.Positions : 0)));

    // Whether it is cheaper to rotate a and g at every position than the sum of their products.
    private bool RotatesFactors(FactoredCall call) =>
        call.Layout.Positions * (WidthWithBias * WidthWithBias + Outputs * Outputs) < Outputs * WidthWithBias * (WidthWithBias + Outputs);

    // rows × groups × out × in, in the basis.
    private torch.Tensor RotatedMatrices(long start, long count, EigenBasis? basis) =>
        _calls.Select(call => basis is null ? MatricesWithBias(call, start, count)
            : RotatesFactors(call) ? ProductsOfRotated(call, start, count, basis)
            : basis.Outputs.t().matmul(Rotate(MatricesWithBias(call, start, count), basis.Inputs)))
        .Sum().reshape(count, _groups, Outputs, WidthWithBias);

    // rows × out × in.
    private torch.Tensor MatricesWithBias(FactoredCall call, long start, long count)
    {
        var matrices = call.Matrices(start * _groups, count * _groups).transpose(1, 2);
        return _hasBias ? torch.cat([matrices, OutputGradients(call, start, count).sum(2, keepdim: true)], 2) : matrices;
    }

    private torch.Tensor ProductsOfRotated(FactoredCall call, long start, long count, EigenBasis basis)
    {
        var inputs = RotateWithBias(call.Inputs(start * _groups, count * _groups).transpose(1, 2), basis.Inputs);
        return Rotate(OutputGradients(call, start, count).transpose(1, 2), basis.Outputs).transpose(1, 2).bmm(inputs);
    }

    // Rows × in of an outer product.
    private torch.Tensor Inputs(long start, long count, EigenBasis? basis)
    {
        var inputs = _calls[0].Inputs(start, count).squeeze(2);
        return basis is not null
            ? RotateWithBias(inputs, basis.Inputs)
            : _hasBias ? torch.cat([inputs, torch.ones([count, 1], inputs.dtype, inputs.device)], 1)
            : inputs;
    }

    // Rows × out of an outer product.
    private torch.Tensor Gradients(long start, long count, EigenBasis? basis)
    {
        var gradients = OutputGradients(_calls[0], start, count).squeeze(2);
        return basis is null ? gradients : gradients.mm(basis.Outputs);
    }

    // Qᵀ[v; 1], without copying v in order to put the 1 behind it.
    private torch.Tensor RotateWithBias(torch.Tensor vectors, torch.Tensor basis) => _hasBias
        ? torch.addmm(basis.select(0, Width), vectors.reshape(-1, Width), basis.narrow(0, 0, Width), beta: 1, alpha: 1)
            .reshape([.. vectors.shape[..^1], WidthWithBias])
        : Rotate(vectors, basis);

    // Qᵀv along the last dimension, in one product: left to itself, Torch makes a product for each row of anything that is not contiguous, and reads
    // Q each time.
    private static torch.Tensor Rotate(torch.Tensor vectors, torch.Tensor basis) =>
        vectors.reshape(-1, basis.shape[0]).mm(basis).reshape([.. vectors.shape[..^1], basis.shape[1]]);

    private torch.Tensor OutputGradients(FactoredCall call, long start, long count) => call.OutputGradients.narrow(0, start * _groups, count * _groups);

    private torch.Tensor Zeros(long size) => torch.zeros([size, size], _calls[0].OutputGradients.dtype, Device);

    // a aᵀ, and with a bias [a; 1][a; 1]ᵀ.
    private void AddInputs(torch.Tensor sum, torch.Tensor columns)
    {
        AddProducts(sum.narrow(0, 0, Width).narrow(1, 0, Width), columns);
        if (!_hasBias)
            return;
        var total = columns.sum(dim: 1);
        sum.select(0, Width).narrow(0, 0, Width).AddInPlace(total);
        sum.select(0, Width).select(0, Width).AddInPlace(columns.shape[1]);
    }

    // The lower triangle, and what blocks hold beside it.
    private static void AddProducts(torch.Tensor sum, torch.Tensor columns)
    {
        const long SmallEnough = 128;
        var size = columns.shape[0];
        if (size <= SmallEnough)
        {
            sum.addmm_(columns, columns.t());
            return;
        }
        var (half, rest) = (size / 2, size - size / 2);
        AddProducts(sum.narrow(0, 0, half).narrow(1, 0, half), columns.narrow(0, 0, half));
        AddProducts(sum.narrow(0, half, rest).narrow(1, half, rest), columns.narrow(0, half, rest));
        sum.narrow(0, half, rest).narrow(1, 0, half).addmm_(columns.narrow(0, half, rest), columns.narrow(0, 0, half).t());
    }
}
