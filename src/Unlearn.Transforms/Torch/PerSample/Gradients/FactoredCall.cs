using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>
/// One call of a layer that computes y_t = W a_t + b at each position t. A layer with groups counts as one such layer for each group: "rows" are then
/// rows × groups.
/// </summary>
/// <param name="outputGradients">g: rows × out × positions.</param>
internal abstract class FactoredCall(torch.Tensor outputGradients)
{
    /// <summary>g: rows × out × positions.</summary>
    public torch.Tensor OutputGradients => outputGradients;

    /// <summary>How its inputs a lie in blocks.</summary>
    public abstract PatchLayout Layout { get; }

    /// <summary>The blocks of some rows.</summary>
    public abstract IReadOnlyList<torch.Tensor> Blocks(long start, long count);

    /// <summary>What the call gives with another weight and bias: rows × out × positions.</summary>
    public abstract torch.Tensor Apply(torch.Tensor weight, torch.Tensor? bias);

    /// <summary>a of some rows: rows × in × positions.</summary>
    public torch.Tensor Inputs(long start, long count)
    {
        var blocks = Blocks(start, count);
        return Layout.Join(Layout.Taps.Select(tap => Layout.Columns(blocks, tap)));
    }

    /// <summary>G_nᵀ = Σ_t a_nt g_ntᵀ of some rows: rows × in × out.</summary>
    public torch.Tensor Matrices(long start, long count)
    {
        var blocks = Blocks(start, count);
        var gradients = OutputGradients.narrow(0, start, count).transpose(1, 2);
        return Layout.Join(Layout.Taps.Select(tap => Layout.Columns(blocks, tap).bmm(gradients)));
    }

    /// <summary>‖G_n‖² of each row, the cheaper of two exact ways: G_n itself, or Σ_{s,t} (a_s · a_t)(g_s · g_t).</summary>
    public torch.Tensor SquaredNorms()
    {
        long positions = Layout.Positions, outputs = OutputGradients.shape[1];
        var direct = positions * outputs * Layout.Width;
        var byProducts =
            Layout.Lengths.Sum(length => length * length) * Layout.TapWidth + positions * positions * (outputs + CostOfElementwise * (Layout.Taps.Count + 2));
        return byProducts < direct
            ? RowChunks.PerRow(OutputGradients.shape[0],
                Layout.BlockValues + Layout.Lengths.Max(length => length * length) + 3 * positions * positions, SquaredNormsByProducts)
            : RowChunks.PerRow(OutputGradients.shape[0], Layout.BlockValues + 2 * outputs * Layout.TapWidth, SquaredNormsOfMatrices);
    }

    // One elementwise operation takes as long as about this many multiply-adds of a matrix product.
    private const long CostOfElementwise = 4;

    private torch.Tensor SquaredNormsOfMatrices(long start, long count)
    {
        var blocks = Blocks(start, count);
        var gradients = OutputGradients.narrow(0, start, count).transpose(1, 2);
        return Layout.Taps.Select(tap => Layout.Columns(blocks, tap).bmm(gradients).Square().sum([1, 2])).Sum();
    }

    private torch.Tensor SquaredNormsByProducts(long start, long count)
    {
        var gradients = OutputGradients.narrow(0, start, count);
        var products = Blocks(start, count).Select(block => block.transpose(1, 2).bmm(block)).ToList();
        var inputProducts = Layout.Taps
            .Select(tap => products[tap.Block].narrow(1, tap.Offset, Layout.Positions).narrow(2, tap.Offset, Layout.Positions)).Sum();
        return (inputProducts * gradients.transpose(1, 2).bmm(gradients)).sum([1, 2]).ClampMin(0);
    }
}
