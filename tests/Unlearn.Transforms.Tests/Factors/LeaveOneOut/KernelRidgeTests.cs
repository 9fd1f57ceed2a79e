using TorchSharp;
using Unlearn.Transforms.Factors.LeaveOneOut;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.LeaveOneOut;

public sealed class KernelRidgeTests
{
    // More than one block, and a part of one.
    private const int Rows = 700;

    // Ridges below 0.0042 are solved in float64 at this size.
    [Theory]
    [InlineData(1e-3, 1e-9)]
    [InlineData(1e-2, 1e-4)]
    [InlineData(1e-1, 1e-4)]
    [InlineData(1, 1e-4)]
    [InlineData(10, 1e-4)]
    public void With_all_rows_as_landmarks_residuals_are_those_of_the_inverse(double ridge, double tolerance)
    {
        using var scope = torch.NewDisposeScope();
        var (points, outputs) = Data();
        var kernel = new LaplaceKernel(points, width: 3).OfLandmarks();
        var (coefficients, deleted) = KernelRidge.OfAllRows(kernel, ridge, outputs);
        var inverse = torch.linalg.inv(kernel + torch.eye(Rows, dtype: torch.float64) * ridge);
        var expected = inverse.matmul(outputs);
        Assert.InRange(Largest(coefficients - expected), 0, tolerance * Largest(expected));
        Assert.InRange(Largest(deleted - (outputs - expected / inverse.diagonal().unsqueeze(1))), 0, tolerance);
    }

    [Theory]
    [InlineData(1e-3, 1e-5)]
    [InlineData(1e-1, 1e-4)]
    public void With_fewer_landmarks_residuals_are_those_of_the_leverages(double ridge, double tolerance)
    {
        using var scope = torch.NewDisposeScope();
        var (points, outputs) = Data();
        var kernel = new LaplaceKernel(points[..300], width: 3);
        var regression = new KernelRidge(kernel, ridge, outputs.shape[1]);
        var rows = kernel.Of(points);
        for (var start = 0; start < Rows; start += 64)
            regression.Add(rows[start..Math.Min(Rows, start + 64)], outputs[start..Math.Min(Rows, start + 64)]);
        var coefficients = regression.Solve();
        var inverse = torch.linalg.inv(rows.t().matmul(rows) + kernel.OfLandmarks() * ridge);
        var expected = inverse.matmul(rows.t().matmul(outputs));
        var leverages = rows.matmul(inverse).mul(rows).sum(dim: 1, keepdim: true);
        Assert.InRange(Largest(rows.matmul(coefficients - expected)), 0, 1e-6);
        Assert.InRange(Largest(regression.Deleted(rows, outputs, start: 300) - (rows.matmul(expected) - leverages * outputs) / (1 - leverages)), 0, tolerance);
    }

    [Fact]
    public void Blocks_of_triangular_matrices_are_the_whole()
    {
        using var scope = torch.NewDisposeScope();
        var (points, _) = Data();
        var rows = points.to(torch.float64);
        var sum = torch.ones(rows.shape[1], rows.shape[1], dtype: torch.float64);
        TriangularMatrix.AddSquare(sum, rows);
        Assert.InRange(Largest((sum - rows.t().matmul(rows) - 1).tril()), 0, 1e-9);

        var factor = torch.linalg.cholesky(new LaplaceKernel(points, width: 3).OfLandmarks());
        var inverse = torch.linalg.inv(factor);
        Assert.InRange(Largest(TriangularMatrix.Inverse(factor) - inverse), 0, 1e-9);
        Assert.InRange(Largest(TriangularMatrix.InverseDiagonal(factor) - inverse.square().sum(dim: 0)), 0, 1e-9);
        var others = rows[..5].matmul(torch.ones(rows.shape[1], Rows, dtype: torch.float64));
        Assert.InRange(Largest(TriangularMatrix.SquaredNorms(factor, others) / others.matmul(factor.t()).square().sum(dim: 1) - 1), 0, 1e-9);
    }

    [Fact]
    public void Half_of_the_distances_gives_all()
    {
        using var scope = torch.NewDisposeScope();
        var points = Data().Points.to(torch.float64);
        Assert.InRange(Largest(LaplaceKernel.Distances(points) - torch.cdist(points, points)), 0, 1e-6);
    }

    private static (torch.Tensor Points, torch.Tensor Outputs) Data()
    {
        using var generator = new torch.Generator(5);
        return (torch.randn([Rows, 300], generator: generator) * torch.linspace(1, 0, 300).square(),
            torch.randn([Rows, 3], dtype: torch.float64, generator: generator));
    }

    private static double Largest(torch.Tensor values) => values.abs().max().item<double>();
}
