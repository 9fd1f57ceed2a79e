using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.LeaveOneOut;

/// <summary>
/// exp(−‖x − z‖ / w) for landmarks z, in float64. Points are taken relative to the landmarks' center: far from the origin, distances would cancel.
/// </summary>
internal sealed class LaplaceKernel : IDisposable
{
    private const long Block = 512;

    private readonly torch.Tensor _center;
    private readonly torch.Tensor _landmarks;
    private readonly double _width;

    /// <param name="landmarks">Landmarks × coordinates.</param>
    /// <param name="width">w.</param>
    public LaplaceKernel(torch.Tensor landmarks, double width)
    {
        _landmarks = landmarks.to(torch.float64);
        _center = _landmarks.mean([0], keepdim: true);
        _landmarks = _landmarks - _center;
        _width = width;
    }

    /// <summary>Rows × landmarks.</summary>
    /// <param name="points">Rows × coordinates.</param>
    public torch.Tensor Of(torch.Tensor points) => torch.cdist(points.to(torch.float64) - _center, _landmarks).DivInPlace(-_width).exp_();

    /// <summary>Landmarks × landmarks. It is symmetric, so half of it is computed.</summary>
    public torch.Tensor OfLandmarks() => Distances(_landmarks).DivInPlace(-_width).exp_();

    /// <summary>Distances of points with each other: points × points.</summary>
    public static torch.Tensor Distances(torch.Tensor points)
    {
        var count = points.shape[0];
        var distances = torch.zeros(count, count, points.dtype);
        for (var start = 0L; start < count; start += Block)
        {
            using var scope = torch.NewDisposeScope();
            var size = Math.Min(Block, count - start);
            var ofBlock = torch.cdist(points.narrow(0, start, size), points.narrow(0, 0, start + size));
            distances.narrow(0, start, size).narrow(1, 0, start + size).copy_(ofBlock);
            distances.narrow(0, 0, start + size).narrow(1, start, size).copy_(ofBlock.t());
        }
        return distances;
    }

    /// <summary>Frees it; within a dispose scope that is done by the scope.</summary>
    public void Dispose()
    {
        _center.Dispose();
        _landmarks.Dispose();
    }

    /// <summary>Keeps it beyond the dispose scope that is open.</summary>
    public LaplaceKernel Keep()
    {
        _center.DetachFromDisposeScope();
        _landmarks.DetachFromDisposeScope();
        return this;
    }
}
