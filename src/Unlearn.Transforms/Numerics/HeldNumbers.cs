using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace Unlearn.Transforms.Numerics;

/// <summary>
/// Torch's operations with a number, which is held until the native call is over and then freed. TorchSharp 0.107 makes numbers into objects that
/// optimized code lets go of before the native call has read them: a collection just then frees them too early. A sum of two tensors has such a number
/// too, the factor 1 of the second one. The libraries call these operations instead; they mean what Torch's of the same name do.
/// </summary>
internal static class HeldNumbers
{
    private static readonly Scalar Zero = 0;
    private static readonly Scalar One = 1;
    private static readonly Scalar Two = 2;

    public static Tensor Add(this Tensor x, Tensor y) => x.add(y, One);

    public static Tensor AddInPlace(this Tensor x, Tensor y) => x.add_(y, One);

    public static Tensor Add(this Tensor x, Tensor y, Scalar alpha)
    {
        using (alpha)
            return x.add(y, alpha);
    }

    public static Tensor AddInPlace(this Tensor x, Tensor y, Scalar alpha)
    {
        using (alpha)
            return x.add_(y, alpha);
    }

    public static Tensor Add(this Tensor x, Scalar number)
    {
        using (number)
            return x.add(number, One);
    }

    public static Tensor AddInPlace(this Tensor x, Scalar number)
    {
        using (number)
            return x.add_(number, One);
    }

    /// <summary>The sum of one tensor or more, from the first on.</summary>
    public static Tensor Sum(this IEnumerable<Tensor> terms) => terms.Aggregate(Add);

    public static Tensor Sub(this Tensor x, Scalar number)
    {
        using (number)
            return x.sub(number);
    }

    public static Tensor Mul(this Tensor x, Scalar number)
    {
        using (number)
            return x.mul(number);
    }

    public static Tensor MulInPlace(this Tensor x, Scalar number)
    {
        using (number)
            return x.mul_(number);
    }

    public static Tensor Div(this Tensor x, Scalar number)
    {
        using (number)
            return x.div(number);
    }

    public static Tensor DivInPlace(this Tensor x, Scalar number)
    {
        using (number)
            return x.div_(number);
    }

    public static Tensor FloorDivide(this Tensor x, Scalar number)
    {
        using (number)
            return x.floor_divide(number);
    }

    public static Tensor Remainder(this Tensor x, Scalar number)
    {
        using (number)
            return x.remainder(number);
    }

    public static Tensor Square(this Tensor x) => x.pow(Two);

    public static Tensor Pow(this Tensor x, Scalar exponent)
    {
        using (exponent)
            return x.pow(exponent);
    }

    public static Tensor Clamp(this Tensor x, Scalar least, Scalar most)
    {
        using (least)
        using (most)
            return x.clamp(least, most);
    }

    public static Tensor ClampMin(this Tensor x, Scalar least)
    {
        using (least)
            return x.clamp_min(least);
    }

    public static Tensor ClampMax(this Tensor x, Scalar most)
    {
        using (most)
            return x.clamp_max(most);
    }

    public static Tensor Gt(this Tensor x, Scalar number)
    {
        using (number)
            return x.gt(number);
    }

    public static Tensor Ge(this Tensor x, Scalar number)
    {
        using (number)
            return x.ge(number);
    }

    public static Tensor GeInPlace(this Tensor x, Scalar number)
    {
        using (number)
            return x.ge_(number);
    }

    public static Tensor Lt(this Tensor x, Scalar number)
    {
        using (number)
            return x.lt(number);
    }

    public static Tensor Le(this Tensor x, Scalar number)
    {
        using (number)
            return x.le(number);
    }

    public static Tensor Eq(this Tensor x, Scalar number)
    {
        using (number)
            return x.eq(number);
    }

    public static Tensor Ne(this Tensor x, Scalar number)
    {
        using (number)
            return x.ne(number);
    }

    public static Tensor IndexAdd(this Tensor x, long dim, Tensor index, Tensor source) => x.index_add(dim, index, source, One);

    public static Tensor IndexAddInPlace(this Tensor x, long dim, Tensor index, Tensor source) => x.index_add_(dim, index, source, One);

    public static Tensor IndexFillInPlace(this Tensor x, long dim, Tensor index, Scalar number)
    {
        using (number)
            return x.index_fill_(dim, index, number);
    }

    public static Tensor IndexPutInPlace(this Tensor x, Scalar number, params Tensor[] indices)
    {
        using (number)
            return x.index_put_(number, indices);
    }

    public static Tensor AddcmulInPlace(this Tensor x, Tensor y, Tensor z) => x.addcmul_(y, z, One);

    public static Tensor FullLike(this Tensor x, Scalar number, torch.ScalarType? dtype = null)
    {
        using (number)
            return x.full_like(number, dtype);
    }

    public static Tensor Full(long[] shape, Scalar number, torch.ScalarType dtype)
    {
        using (number)
            return torch.full(shape, number, dtype);
    }

    public static Tensor Arange(Scalar stop, torch.Device? device = null)
    {
        using (stop)
            return torch.arange(Zero, stop, One, torch.ScalarType.Int64, device);
    }
}
