using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.LeaveOneOut;

/// <summary>Work on lower triangular matrices, block by block, so that zeros above the diagonal are not multiplied.</summary>
internal static class TriangularMatrix
{
    private const long Block = 256;

    // What float32 rounds to, relatively, and the largest bound of a relative error that is accepted.
    private const double Rounding = 6e-8;
    private const double Accepted = 0.01;

    /// <summary>
    /// The precision for a ridge regression: float32 where rounding times the bound landmarks / λ of the condition is at most 1 %. Errors are a hundred times
    /// smaller than that.
    /// </summary>
    public static torch.ScalarType Precision(long landmarks, double ridge) =>
        landmarks * Rounding / ridge <= Accepted ? torch.float32 : torch.float64;

    /// <summary>Adds the lower triangle of XᵀX.</summary>
    /// <param name="sum">Columns × columns; above the diagonal's blocks it stays as it is.</param>
    /// <param name="rows">X: rows × columns.</param>
    public static void AddSquare(torch.Tensor sum, torch.Tensor rows)
    {
        using var scope = torch.NewDisposeScope();
        foreach (var (start, size) in Blocks(rows.shape[1]))
        {
            var below = rows.narrow(1, start, rows.shape[1] - start);
            sum.narrow(0, start, below.shape[1]).narrow(1, start, size).addmm_(below.t(), below.narrow(1, 0, size), 1, 1);
        }
    }

    /// <summary>The inverse L⁻¹.</summary>
    /// <param name="factor">L.</param>
    public static torch.Tensor Inverse(torch.Tensor factor)
    {
        var inverse = torch.zeros_like(factor);
        foreach (var (start, columns) in InverseColumns(factor))
            inverse.narrow(0, start, columns.shape[0]).narrow(1, start, columns.shape[1]).copy_(columns);
        return inverse;
    }

    /// <summary>The diagonal of (LLᵀ)⁻¹: the squared norms of the columns of L⁻¹.</summary>
    /// <param name="factor">L.</param>
    public static torch.Tensor InverseDiagonal(torch.Tensor factor)
    {
        var diagonal = torch.zeros([factor.shape[0]], factor.dtype);
        foreach (var (start, columns) in InverseColumns(factor))
            diagonal.narrow(0, start, columns.shape[1]).copy_(columns.Square().sum(dim: 0));
        return diagonal;
    }

    /// <summary>‖Lx‖² of each row x.</summary>
    /// <param name="factor">L.</param>
    /// <param name="rows">The rows, rows × columns of L.</param>
    public static torch.Tensor SquaredNorms(torch.Tensor factor, torch.Tensor rows)
    {
        using var scope = torch.NewDisposeScope();
        var norms = torch.zeros([rows.shape[0]], rows.dtype);
        foreach (var (start, size) in Blocks(factor.shape[0]))
            norms.AddInPlace(rows.narrow(1, 0, start + size).matmul(factor.narrow(0, start, size).narrow(1, 0, start + size).t()).Square().sum(dim: 1));
        return norms.MoveToOuterDisposeScope();
    }

    // Columns of the inverse are zero above the diagonal.
    private static IEnumerable<(long Start, torch.Tensor Columns)> InverseColumns(torch.Tensor factor)
    {
        foreach (var (start, size) in Blocks(factor.shape[0]))
        {
            using var scope = torch.NewDisposeScope();
            var length = factor.shape[0] - start;
            yield return (start, torch.linalg.solve_triangular(
                factor.narrow(0, start, length).narrow(1, start, length), torch.eye(length, size, factor.dtype), upper: false));
        }
    }

    private static IEnumerable<(long Start, long Size)> Blocks(long count)
    {
        for (var start = 0L; start < count; start += Block)
            yield return (start, Math.Min(Block, count - start));
    }
}
