using CsCheck;
using Unlearn.Transforms.Rows;
using Xunit;

namespace Unlearn.Transforms.Tests.Rows;

public sealed class BatchCutsTests
{
    private static readonly Gen<(int Rows, int BatchSize)> Any = Gen.Select(Gen.Int[1, 200], Gen.Int[1, 70]);

    private static int[] Lengths(BatchCuts cuts) => [.. Enumerable.Range(0, cuts.Count).Select(batch => cuts[batch].Length)];

    [Fact]
    public void Batches_hold_every_row_once_in_order() => Gen.Select(Any, Gen.Bool).Sample((sizes, keeps) =>
    {
        var cuts = new BatchCuts(sizes.Rows, sizes.BatchSize, keeps);
        Assert.Equal(
            Enumerable.Range(0, sizes.Rows), Enumerable.Range(0, cuts.Count).SelectMany(batch => Enumerable.Range(cuts[batch].Start, cuts[batch].Length)));
        Assert.Equal(Lengths(cuts).Max(), cuts.Largest);
        Assert.Equal(Lengths(cuts).Contains(1), cuts.HasLoneRow);
    });

    [Fact]
    public void No_row_is_alone_but_in_batches_of_one_or_where_there_is_no_other() => Any.Sample((rows, batchSize) =>
        Assert.Equal(batchSize == 1 || rows == 1, new BatchCuts(rows, batchSize).HasLoneRow));

    [Fact]
    public void Cuts_differ_from_plain_ones_only_where_a_row_would_be_alone() => Any.Sample((rows, batchSize) =>
    {
        int[] plain = [.. Enumerable.Range(0, rows).Chunk(batchSize).Select(chunk => chunk.Length)];
        Assert.Equal(plain, Lengths(new(rows, batchSize, KeepsLoneRow: true)));
        if (batchSize > 1 && plain.Length > 1 && plain[^1] == 1)
            plain = [.. plain[..^2], batchSize + 1];
        Assert.Equal(plain, Lengths(new(rows, batchSize)));
    });

    [Fact]
    public void The_largest_batch_size_takes_all_rows_at_once() => Assert.Equal([5], Lengths(new(5, int.MaxValue)));

    [Fact]
    public void An_order_goes_through_the_rows_by_these_cuts() => Gen.Select(Any, Gen.Bool).Sample((sizes, keeps) =>
    {
        int[] positions = [.. Enumerable.Range(100, sizes.Rows)];
        var order = new RowOrder(positions, sizes.BatchSize, seed: 4, keeps);
        for (var pass = 0; pass < 2; pass++)
        {
            int[][] batches = [.. Enumerable.Range(0, order.Count).Select(_ => order.Next())];
            Assert.Equal(Lengths(new(sizes.Rows, sizes.BatchSize, keeps)), batches.Select(batch => batch.Length));
            Assert.Equal(positions, batches.SelectMany(batch => batch).Order());
        }
    });
}
