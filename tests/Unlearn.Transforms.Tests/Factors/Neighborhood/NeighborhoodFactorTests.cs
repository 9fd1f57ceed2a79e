using CsCheck;
using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Factors.Neighborhood;
using Unlearn.Transforms.Rows;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.Neighborhood;

/// <summary>A linear model's φ is the features themselves: the factors are compared with loops over them.</summary>
public sealed class NeighborhoodFactorTests
{
    private const int Width = 3;
    private const double Tolerance = 1e-5;

    private static readonly IReadOnlyList<IHardnessFactor> Factors =
        [
            HardnessFactors.NeighborDistance,
            HardnessFactors.NeighborDisagreement,
            HardnessFactors.NearDuplicates,
            HardnessFactors.CentroidDistance,
            HardnessFactors.Entanglement,
        ];

    private static readonly TorchTarget Target = TorchTarget.Untrained(TorchArchitecture.Mlp(Width, TinyRows.Classes), TorchDevice.Cpu, seed: 1);

    // Small whole numbers: zero rows, duplicates and ties are frequent.
    private static readonly Gen<FactorRows> Rows =
        from count in Gen.Int[2, 40]
        from features in Gen.Int[-2, 2].Select(value => (float)value).Array[count * Width]
        from labels in Gen.Long[0, TinyRows.Classes - 1].Array[count]
        from hasIds in Gen.Bool
        select new FactorRows(features, labels, hasIds ? [.. Enumerable.Range(1, count).Select(id => (long)id * 977)] : null);

    [Fact]
    public void Factors_equal_those_of_loops_over_all_rows() => Rows.Sample(rows =>
    {
        var values = FactorFit.Fit(Target, rows, Factors).Compute(rows);
        for (var row = 0; row < rows.Count; row++)
            Check(rows, row, Own(rows, row), values);
    }, iter: 100, threads: 1);

    [Fact]
    public void A_row_with_an_unknown_key_leaves_nothing_out() => Rows.Where(rows => rows.Keys is not null).Sample(rows =>
    {
        var unknown = rows with { Keys = new long[rows.Count] };
        var values = FactorFit.Fit(Target, rows, Factors).Compute(unknown);
        for (var row = 0; row < rows.Count; row++)
            Check(rows, row, own: -1, values);
    }, iter: 30, threads: 1);

    [Fact]
    public void A_row_that_is_there_often_enough_has_neighbors_at_distance_zero()
    {
        const int Copies = NeighborSearch.Neighbors + 1;
        var features = Enumerable.Range(0, Copies * 2).SelectMany(row => row % 2 == 0 ? new[] { 0.3f, -1.7f, 4f } : [2f, 0.1f, 1e-3f]).ToArray();
        var rows = new FactorRows(features, [.. Enumerable.Range(0, Copies * 2).Select(row => (long)(row % 2))], null);
        var values = FactorFit.Fit(Target, rows, Factors).Compute(rows);
        Assert.All(values[0], distance => Assert.Equal(0, distance, Tolerance));
        Assert.All(values[1], disagreement => Assert.Equal(0, disagreement));
        Assert.All(values[2], duplicates => Assert.Equal(Copies - 1, duplicates));
    }

    [Fact]
    public void Of_copies_with_different_labels_a_row_leaves_out_its_own()
    {
        var rows = new FactorRows([1, 2, 3, 1, 2, 3], [0, 1], null);
        Assert.Equal([1f, 1f], FactorFit.Fit(Target, rows, HardnessFactors.NeighborDisagreement).Compute(rows)[0]);
    }

    [Fact]
    public void A_class_without_other_rows_is_at_distance_one()
    {
        var rows = new FactorRows([1, 0, 0, 1, 0.1f, 0, 0, 1, 0], [0, 0, 1], null);
        var values = FactorFit.Fit(Target, rows, HardnessFactors.CentroidDistance, HardnessFactors.Entanglement).Compute(rows);
        Assert.Equal(1, values[0][2]);
        // Class 2 has no rows: it is nobody's nearest other class, and far from its own rows.
        var stranger = rows with { Labels = [2, 2, 2] };
        Assert.Equal([1f, 1f, 1f], FactorFit.Fit(Target, rows, HardnessFactors.CentroidDistance).Compute(stranger)[0]);
        Assert.Equal((values[0][0] + 1e-6f) / (1 + 1e-6f), values[1][0], Tolerance);
    }

    [Fact]
    public void Blocks_of_any_size_find_the_same_neighbors()
    {
        using var scope = torch.NewDisposeScope();
        using var rows = TinyRows.Training(60, Width);
        var model = FactorFit.Fit(Target, rows, HardnessFactors.NeighborDistance);
        var state = model.States[NeighborIndex.Instance.Name];
        var own = torch.arange(60);
        var whole = NeighborSearch.Run(NeighborIndex.Points(state, torch.arange(NeighborIndex.Count(state))), state, own);
        foreach (var size in new[] { 1, 7, 20, 59 })
        {
            var blocked = NeighborSearch.Run(NeighborIndex.Points(state, torch.arange(NeighborIndex.Count(state))), state, own, size);
            Assert.True(blocked.Similarities.allclose(whole.Similarities, 1e-5, 1e-6));
            Assert.Equal(whole.NeighborLabels.data<long>().ToArray(), blocked.NeighborLabels.data<long>().ToArray());
            Assert.Equal(whole.NearDuplicates.data<float>().ToArray(), blocked.NearDuplicates.data<float>().ToArray());
        }
    }

    [Theory]
    [InlineData(15, 8192, false)]
    [InlineData(500, 8192, false)]
    [InlineData(500, 64, false)]
    [InlineData(500, 64, true)]
    public void Of_equally_near_rows_the_first_training_rows_count(int count, int blockSize, bool isStored)
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(4);
        var points = NeighborIndex.UnitVectors(torch.randint(-1, 2, [count, 3], torch.float32, generator: generator));
        using var matrix = new RowMatrix(count, points.shape[1], isStored ? Path.GetTempPath() : null);
        matrix.Add(points.narrow(0, 0, 10));
        matrix.Add(points.narrow(0, 10, count - 10));
        var state = NeighborIndex.Of(matrix, torch.arange(count));
        var found = NeighborSearch.Run(points, state, torch.arange(count), blockSize);
        for (var row = 0; row < count; row++)
        {
            var similarities = NeighborIndex.Similarities(state, points, 0, count)[row].data<float>().ToArray();
            int[] others = [.. Enumerable.Range(0, count).Where(other => other != row)];
            // Equal but for the last bits of a sum.
            int[] nearest =
                [.. others.OrderByDescending(other => MathF.Round(similarities[other] * (1 << 16))).ThenBy(other => other).Take(NeighborSearch.Neighbors)];
            Assert.Equal(nearest.Select(other => (long)other), found.NeighborLabels[row].data<long>().ToArray().Take(nearest.Length));
            Assert.Equal(nearest.Select(other => similarities[other]), found.Similarities[row].data<float>().ToArray().Take(nearest.Length));
            Assert.Equal(others.Count(other => similarities[other] >= NeighborSearch.NearDuplicateSimilarity), found.NearDuplicates[row].item<float>());
        }
    }

    [Fact]
    public void Nothing_depends_on_the_length_of_the_embeddings() =>
        Gen.Select(Rows, Gen.Int[-30, 30].Select(exponent => MathF.Pow(10, exponent))).Sample((rows, scale) =>
        {
            var expected = FactorFit.Fit(Target, rows with { Keys = Ids(rows) }, Factors).Compute(rows with { Keys = Ids(rows) });
            var scaled = rows with { Features = [.. rows.Features.Select(value => value * scale)], Keys = Ids(rows) };
            var actual = FactorFit.Fit(Target, scaled, Factors).Compute(scaled);
            foreach (var factor in new[] { 0, 2, 3 })
                for (var row = 0; row < rows.Count; row++)
                    Assert.Equal(expected[factor][row], actual[factor][row], Tolerance);
        }, iter: 20, threads: 1);

    private static long[] Ids(FactorRows rows) => [.. Enumerable.Range(1, rows.Count).Select(id => (long)id)];

    private static int Own(FactorRows rows, int row)
    {
        if (rows.Keys is not null)
            return row;
        var copies = Enumerable.Range(0, rows.Count).Where(other => Features(rows, other).SequenceEqual(Features(rows, row))).ToList();
        return copies.FirstOrDefault(copy => rows.Labels[copy] == rows.Labels[row], copies[0]);
    }

    private static void Check(FactorRows rows, int row, int own, float[][] values)
    {
        const int K = NeighborSearch.Neighbors;
        var others = Enumerable.Range(0, rows.Count).Where(other => other != own).ToList();
        var similarities = others.ToDictionary(other => other, other => Cosine(Features(rows, row), Features(rows, other)));
        double[] nearest = [.. similarities.Values.OrderDescending().Take(K)];
        Assert.Equal(nearest.Average(similarity => 1 - similarity), values[0][row], Tolerance);

        // Where rows tie for the last place, any of them may have it.
        bool Disagrees(int other) => rows.Labels[other] != rows.Labels[row];
        var sure = others.Where(other => similarities[other] > nearest[^1] + Tolerance).ToList();
        var tied = others.Where(other => Math.Abs(similarities[other] - nearest[^1]) <= Tolerance).ToList();
        var open = nearest.Length - sure.Count;
        var disagreeing = values[1][row] * nearest.Length;
        Assert.InRange(disagreeing, sure.Count(Disagrees) + Math.Max(0, open - tied.Count(other => !Disagrees(other))) - 1e-3,
            sure.Count(Disagrees) + Math.Min(open, tied.Count(Disagrees)) + 1e-3);
        Assert.Equal(similarities.Values.Count(similarity => similarity >= NeighborSearch.NearDuplicateSimilarity), values[2][row]);

        double? Distance(int k)
        {
            var members = others.Where(other => rows.Labels[other] == k).Select(other => Point(Features(rows, other))).ToList();
            double[] centroid = [.. Enumerable.Range(0, Width + 1).Select(i => members.Sum(member => member[i]))];
            return members.Count == 0 ? null : centroid.All(value => Math.Abs(value) < 1e-9) ? 1 : 1 - Cosine(Point(Features(rows, row)), centroid);
        }
        var ownDistance = Distance((int)rows.Labels[row]) ?? 1;
        Assert.Equal(ownDistance, values[3][row], Tolerance);
        var nearestOther = Enumerable.Range(0, TinyRows.Classes).Where(k => k != rows.Labels[row]).Select(Distance).Min() ?? 1;
        var entanglement = (ownDistance + 1e-6) / (nearestOther + 1e-6);
        // Near zero, both distances are rounding noise.
        if (nearestOther > 1e-3)
            Assert.Equal(entanglement, values[4][row], 1e-3 * entanglement + Tolerance);
        else
            Assert.True(float.IsFinite(values[4][row]) && values[4][row] > 0);
    }

    private static double[] Features(FactorRows rows, int row) => [.. rows.Features.AsSpan(row * Width, Width).ToArray()];

    // A zero vector is a direction of its own.
    private static double[] Point(double[] x)
    {
        var norm = Math.Sqrt(x.Sum(value => value * value));
        return norm == 0 ? [.. x, 1] : [.. x.Select(value => value / norm), 0];
    }

    private static double Cosine(double[] a, double[] b)
    {
        var (left, right) = (Point(a), Point(b));
        return a.Any(value => value != 0) || b.Any(value => value != 0)
            ? a.Zip(b, (x, y) => x * y).Sum() / Math.Max(1e-300, Math.Sqrt(a.Sum(x => x * x)) * Math.Sqrt(b.Sum(x => x * x)))
            : left.Zip(right, (x, y) => x * y).Sum();
    }
}
