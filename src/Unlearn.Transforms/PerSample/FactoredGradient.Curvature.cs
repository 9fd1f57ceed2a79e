using TorchSharp;

namespace Unlearn.Transforms.PerSample;

/// <content>
/// What EK-FAC needs: George et al., arXiv 1806.03884, and for convolutions Grosse and Martens, arXiv 1602.01407. Groups of a convolution share one eigenbasis,
/// and have eigenvalues of their own.
/// </content>
internal sealed partial class FactoredGradient
{
    public override (torch.Tensor Inputs, torch.Tensor Outputs)? Covariances() =>
        (SumOverCalls(call => call.Layout.BlockValues + 3 * (call.Layout.Width + 1) * call.Layout.Positions, Inputs), SumOverCalls(call => 2 * Outputs * call.Layout.Positions, OutputGradients));

    public override torch.Tensor SumOfSquares(EigenBasis? basis)
    {
        if (IsOuterProduct)
        {
            var (inputs, gradients) = Rotated(_calls[0], 0, _rows, basis);
            return gradients.squeeze(2).square().t().matmul(inputs.squeeze(2).square()).unsqueeze(0);
        }
        return RowChunks.Sum(_rows, ValuesOfRotatedRow, (start, count) => RotatedMatrices(start, count, basis).square().sum(dim: 0));
    }

    public override torch.Tensor SquaredSum()
    {
        var squares = SumOfSquares(null);
        return _hasBias ? torch.cat([squares.narrow(2, 0, Width).flatten(), squares.select(2, Width).flatten()]) : squares.flatten();
    }

    public override torch.Tensor WeightedSquaredNorms(torch.Tensor weights, EigenBasis? basis)
    {
        if (IsOuterProduct)
        {
            var (inputs, gradients) = Rotated(_calls[0], 0, _rows, basis);
            return (gradients.squeeze(2).square().matmul(weights.squeeze(0)) * inputs.squeeze(2).square()).sum(dim: 1);
        }
        var flat = weights.flatten();
        return RowChunks.PerRow(_rows, ValuesOfRotatedRow, (start, count) => RotatedMatrices(start, count, basis).square().reshape(count, flat.shape[0]).matmul(flat));
    }

    private bool IsOuterProduct => _calls.Count == 1 && _groups == 1 && _calls[0].Layout.Positions == 1;

    private long WidthWithBias => Width + (_hasBias ? 1 : 0);

    private long ValuesOfRotatedRow => _groups * (3 * Outputs * WidthWithBias + _calls.Max(call => call.Layout.BlockValues + 3 * WidthWithBias * call.Layout.Positions));

    // groups × out × in of each row, in the basis.
    private torch.Tensor RotatedMatrices(long start, long count, EigenBasis? basis) => _calls.Select(call =>
    {
        var (positions, width, outputs) = (call.Layout.Positions, WidthWithBias, Outputs);
        var rotateLast = basis is not null && outputs * width * (width + outputs) < positions * (width * width + outputs * outputs);
        var (inputs, gradients) = Rotated(call, start * _groups, count * _groups, rotateLast ? null : basis);
        var matrices = gradients.bmm(inputs.transpose(1, 2));
        return rotateLast ? basis!.Outputs.t().matmul(matrices.matmul(basis.Inputs)) : matrices;
    }).Aggregate((sum, next) => sum + next).reshape(count, _groups, Outputs, WidthWithBias);

    // Inputs and output gradients of some rows, each rows × width × positions.
    private (torch.Tensor Inputs, torch.Tensor Gradients) Rotated(FactoredCall call, long start, long count, EigenBasis? basis)
    {
        var (inputs, gradients) = (Inputs(call, start, count), OutputGradients(call, start, count));
        return basis is null ? (inputs, gradients) : (Rotate(inputs, basis.Inputs), Rotate(gradients, basis.Outputs));
    }

    // Qᵀv of every position in one product: with the matrix on the left, Torch reads it once for each row.
    private static torch.Tensor Rotate(torch.Tensor vectors, torch.Tensor basis) => vectors.transpose(1, 2).matmul(basis).transpose(1, 2);

    private torch.Tensor Inputs(FactoredCall call, long start, long count)
    {
        var inputs = call.Inputs(start, count);
        return _hasBias ? torch.cat([inputs, torch.ones([count, 1, inputs.shape[2]], inputs.dtype, inputs.device)], 1) : inputs;
    }

    private static torch.Tensor OutputGradients(FactoredCall call, long start, long count) => call.OutputGradients.narrow(0, start, count);

    private torch.Tensor SumOverCalls(Func<FactoredCall, long> valuesPerRow, Func<FactoredCall, long, long, torch.Tensor> factor) => _calls.Select(call =>
        RowChunks.Sum(_rows, _groups * valuesPerRow(call), (start, count) =>
        {
            var columns = factor(call, start * _groups, count * _groups).transpose(0, 1).flatten(1);
            return columns.matmul(columns.t());
        })).Aggregate((sum, next) => sum + next);
}
