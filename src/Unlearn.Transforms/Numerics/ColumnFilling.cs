using TorchSharp;

namespace Unlearn.Transforms.Numerics;

internal static class ColumnFilling
{
    /// <summary>A copy of a matrix with a value at some columns of each row.</summary>
    /// <param name="matrix">Rows × columns.</param>
    /// <param name="columns">Rows × any number.</param>
    /// <param name="value">The value.</param>
    public static torch.Tensor Fill(this torch.Tensor matrix, torch.Tensor columns, double value) =>
        matrix.scatter(1, columns, columns.FullLike(value, dtype: matrix.dtype));
}
