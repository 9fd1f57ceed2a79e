using System.Security.Cryptography;
using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Distributed.Parts;
using Unlearn.MLNet.Tests;
using Unlearn.Parquet;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>Files with many row groups, which are dealt as several parts.</summary>
public sealed class PartsOfFilesTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Row_groups_of_a_file_become_files_in_the_order_of_the_rows()
    {
        using var parts = new PartsCase(files: 2, rowsPerFile: 65);
        var rows = await parts.RunAsync("one", rowsPerPart: 20, cancellationToken: TestToken);
        await parts.RunAsync("three", workers: 3, rowsPerPart: 20, cancellationToken: TestToken);
        Assert.Equal(parts.Bytes("one"), parts.Bytes("three"));
        Assert.Equal(
            from file in new[] { 0, 1 } from part in new[] { 1, 2, 3, 4 } select $"part-{file}.part-000{part}.parquet",
            parts.Bytes("one").Select(file => file.Split(' ')[0]));
        Assert.Equal(Enumerable.Range(0, 130), rows.GetColumn<int>("RowId"));
        int[] lengths =
        [
            .. Directory.EnumerateFiles(parts.FolderOf("one")).Order()
                .Select(file => parts.Context.Data.LoadFromParquet(file).GetColumn<int>("RowId").Count()),
        ];
        Assert.Equal([20, 20, 20, 5, 20, 20, 20, 5], lengths);

        var whole = await TorchThreads.RunAsync("test", () => PartsCase.Values(parts.Model.Transform(parts.Context.Data.LoadFromParquet(parts.Input))));
        Assert.All(whole.Zip(PartsCase.Values(rows)),
            pair => Assert.Equal(pair.First, pair.Second, (one, other) => MathF.Abs(one - other) <= 1e-6f * (1 + one)));
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(19, 6)]
    [InlineData(30, 3)]
    [InlineData(64, 2)]
    [InlineData(65, 1)]
    [InlineData(int.MaxValue, 1)]
    public async Task A_row_group_is_never_torn_and_a_small_file_stays_one_part(int rowsPerPart, int expected)
    {
        using var parts = new PartsCase(files: 1, rowsPerFile: 65);
        var reports = new PartsTests.Reports();
        await parts.RunAsync("out", progress: reports, rowsPerPart: rowsPerPart, cancellationToken: TestToken);
        Assert.Equal(expected, reports.All[^1].Total);
        Assert.Equal(expected == 1 ? "part-0.parquet" : "part-0.part-0001.parquet", parts.Bytes("out")[0].Split(' ')[0]);
    }

    [Fact]
    public async Task Parts_of_another_size_and_what_their_killed_writers_left_are_removed()
    {
        using var parts = new PartsCase(files: 2, rowsPerFile: 65);
        await parts.RunAsync("whole", cancellationToken: TestToken);
        await parts.RunAsync("tens", rowsPerPart: 10, cancellationToken: TestToken);
        Directory.CreateDirectory(parts.FolderOf("out"));
        foreach (var size in new[] { 1000, 10, 25, 1000 })
        {
            await File.WriteAllTextAsync(Path.Combine(parts.FolderOf("out"), "part-0.part-0077.parquet.elsewhere-7-1.tmp"), "of a killed worker", TestToken);
            Assert.Equal(0, await KeptAsync(size));
            Assert.DoesNotContain(parts.Bytes("out"), name => name.Contains(".tmp", StringComparison.Ordinal));
            if (size != 25)
                Assert.Equal(parts.Bytes(size == 10 ? "tens" : "whole"), parts.Bytes("out"));
        }

        // Of a file that has no rows now, too.
        var rows = TinyStudy.View(parts.Context, 3);
        parts.Context.Data.SaveAsParquet(parts.Context.Data.SkipRows(rows, 3), parts.InputOf(1));
        Assert.Equal(1, await KeptAsync(1000));
        Assert.Equal("part-0.parquet", Assert.Single(parts.Bytes("out")).Split(' ')[0]);

        async Task<int> KeptAsync(int size)
        {
            var reports = new PartsTests.Reports();
            await parts.RunAsync("out", progress: reports, rowsPerPart: size, cancellationToken: TestToken);
            return reports.All[0].Kept;
        }
    }

    [Fact]
    public async Task A_damaged_row_group_costs_its_own_part_alone()
    {
        using var parts = new PartsCase(files: 1, rowsPerFile: 65);
        await parts.RunAsync("out", rowsPerPart: 20, cancellationToken: TestToken);
        var before = parts.Bytes("out");
        var bytes = await File.ReadAllBytesAsync(parts.InputOf(0), TestToken);
        var starts = ParquetFiles.Open(parts.InputOf(0), []).Files[0].Layout.Starts;
        bytes.AsSpan((int)starts[2]..(int)starts[3]).Fill(0xAA);
        await File.WriteAllBytesAsync(parts.InputOf(0), bytes, TestToken);

        var reports = new PartsTests.Reports();
        var error = await Assert.ThrowsAsync<InvalidDataException>(
            () => parts.RunAsync("out", progress: reports, rowsPerPart: 20, cancellationToken: TestToken));
        Assert.Contains($"of '{parts.InputOf(0)}' cannot be read in row group 2", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, reports.All[0].Kept);
        Assert.Equal(before.Where((_, part) => part != 1), parts.Bytes("out"));
    }

    [Fact]
    public async Task A_row_group_that_the_file_cannot_hold_is_told_before_any_part_is_computed()
    {
        using var parts = new PartsCase(files: 1, rowsPerFile: 65);
        var bytes = await File.ReadAllBytesAsync(parts.InputOf(0), TestToken);
        var layout = ParquetFiles.Open(parts.InputOf(0), []).Files[0].Layout;
        await File.WriteAllBytesAsync(parts.InputOf(0), [.. bytes[..4], .. bytes[(int)layout.Starts[5]..]], TestToken);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => parts.RunAsync("out", rowsPerPart: 20, cancellationToken: TestToken));
        Assert.Contains("is not whole in row group", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(parts.FolderOf("out")));
    }

    [Fact]
    public async Task Names_that_cannot_be_told_apart_or_sort_wrongly_are_refused()
    {
        using var parts = new PartsCase(files: 1, rowsPerFile: 65);
        var other = Path.Combine(parts.Input, "part-0.part-0002.parquet");
        parts.Context.Data.SaveAsParquet(TinyStudy.View(parts.Context, 3), other);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => parts.RunAsync("out", rowsPerPart: 64, cancellationToken: TestToken));
        Assert.Contains("rename one of the files", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(parts.FolderOf("out")));
        await parts.RunAsync("out", cancellationToken: TestToken);

        // What has the name of a part, but is none, and a part of a file that is not there.
        File.Delete(other);
        var foreign = Path.Combine(parts.FolderOf("out"), "part-0.part-0001.parquet");
        File.Copy(parts.InputOf(0), foreign);
        await RefusedAsync(foreign);
        File.Delete(foreign);
        File.Move(Path.Combine(parts.FolderOf("out"), "part-0.part-0002.parquet"), Path.Combine(parts.FolderOf("out"), "part-9.part-0002.parquet"));
        await RefusedAsync("part-9.part-0002.parquet");

        async Task RefusedAsync(string name) => Assert.Contains(
            $"{name}' is no transformed part",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => parts.RunAsync("out", cancellationToken: TestToken))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_part_has_no_rows()
    {
        using var parts = new PartsCase(files: 1);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => parts.RunAsync("out", rowsPerPart: 0, cancellationToken: TestToken));
        Assert.Equal("Parts of 0 rows were asked for: ask for at least 1.", error.Message);
    }

    [Fact]
    public void Slices_are_the_whole_file_in_the_fewest_pieces_that_are_small_enough() =>
        (from rows in Gen.Int[0, 30].Array[0, 12]
         from size in Gen.Int[1, 60]
         from inOrder in Gen.Bool
         select (rows, size, inOrder)).Sample(file =>
    {
        // Each row has two bytes.
        long[] starts = [.. file.rows.Select((count, group) => count == 0 ? 0L : 4 + 2 * file.rows.Take(group).Sum())];
        var footer = 4L + 2 * file.rows.Sum();
        var slices = new ParquetLayout(file.rows, file.inOrder ? starts : [], footer).Cut(file.size);
        if (file.rows.Sum() == 0)
        {
            Assert.Empty(slices);
            return;
        }
        Assert.Equal(Enumerable.Range(0, file.rows.Length), slices.SelectMany(slice => Enumerable.Range(slice.FirstGroup, slice.GroupCount)));
        Assert.Equal((0, footer), (slices[0].Start, slices[^1].End));
        Assert.All(slices.Zip(slices.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
        if (!file.inOrder)
            Assert.Single(slices);
        else
            Assert.All(slices.Zip(slices.Skip(1).Append(null)), pair =>
            {
                int[] held = [.. file.rows.Skip(pair.First.FirstGroup).Take(pair.First.GroupCount).Where(count => count > 0)];
                Assert.True(held.Length == 1 || held.Sum() <= file.size);
                Assert.True(pair.Second is null || held.Sum() + file.rows.Skip(pair.Second.FirstGroup).First(count => count > 0) > file.size);
            });
    });

    [Fact]
    public void The_hash_of_all_row_groups_is_that_of_the_file_and_each_byte_has_its_part()
    {
        using var parts = new PartsCase(files: 1, rowsPerFile: 65);
        var path = parts.InputOf(0);
        var bytes = File.ReadAllBytes(path);
        var layout = ParquetFiles.Open(path, []).Files[0].Layout;
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), Assert.Single(layout.Cut(65)).HashOf(path));

        var slices = layout.Cut(20);
        List<string> hashes = [.. slices.Select(slice => slice.HashOf(path))];
        Assert.Equal(4, hashes.Distinct().Count());
        for (var place = 0; place < bytes.Length; place += 97)
        {
            bytes[place] ^= 1;
            File.WriteAllBytes(path, bytes);
            bytes[place] ^= 1;
            for (var slice = 0; slice < slices.Count; slice++)
                Assert.Equal(
                    place >= layout.Footer || place >= slices[slice].Start && place < slices[slice].End, hashes[slice] != slices[slice].HashOf(path));
        }
    }

    [Theory]
    [InlineData("people.parquet", 1, 1, "people.parquet")]
    [InlineData("people.parquet", 3, 12, "people.part-0003.parquet")]
    [InlineData("people.parquet", 3, 12345, "people.part-00003.parquet")]
    [InlineData("people.2026.parquet", 12, 12, "people.2026.part-0012.parquet")]
    public void A_part_is_named_by_its_file(string file, int number, int count, string expected)
    {
        Assert.Equal(expected, PartNames.Of(file, number, count));
        Assert.Contains(file, PartNames.FilesOf(expected));
    }
}
