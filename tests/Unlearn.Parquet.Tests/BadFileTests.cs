using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Parquet;
using Parquet.Schema;
using Unlearn.MLNet.Tests;
using Xunit;

namespace Unlearn.Parquet.Tests;

/// <summary>Files that are damaged, or of other programs, and what errors say of them.</summary>
public sealed class BadFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _mlContext = new(1);

    private string Path => _folder.File("rows.parquet");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_was_cut_anywhere_is_refused_when_it_is_loaded()
    {
        var bytes = Saved();
        for (var length = 0; length < bytes.Length; length += 7)
        {
            File.WriteAllBytes(Path, bytes.AsSpan(0, length));
            var error = Assert.Throws<InvalidDataException>(() => _mlContext.Data.LoadFromParquet(Path));
            Assert.Contains($"'{Path}' is no Parquet file, was cut", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_without_its_middle_is_refused_when_it_is_loaded()
    {
        var bytes = Saved();
        File.WriteAllBytes(Path, [.. bytes[..4], .. bytes[(bytes.Length / 2)..]]);
        var error = Assert.Throws<InvalidDataException>(() => _mlContext.Data.LoadFromParquet(Path));
        Assert.Contains(Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_any_damaged_byte_is_refused_or_read()
    {
        var bytes = Saved();
        (from place in Gen.Int[0, bytes.Length - 1]
         from flip in Gen.Int[1, 255]
         select (place, flip)).Sample(damage =>
        {
            byte[] damaged = [.. bytes];
            damaged[damage.place] ^= (byte)damage.flip;
            File.WriteAllBytes(Path, damaged);
            try
            {
                ParquetRow.Read(_mlContext, _mlContext.Data.LoadFromParquet(Path));
            }
            catch (Exception error) when (error is InvalidDataException or ArgumentOutOfRangeException)
            {
                // The names of columns are bytes, too: ML.NET then misses one.
                Assert.True(error is ArgumentOutOfRangeException || error.Message.Contains(Path, StringComparison.Ordinal), error.ToString());
            }
        }, iter: 150, threads: 1);
    }

    /// <summary>Of the library's own reader, several of a thousand such footers take minutes or never end.</summary>
    [Fact(Timeout = 120_000)]
    public async Task A_damaged_footer_is_refused_or_read_within_a_moment()
    {
        var bytes = Saved();
        var footer = BitConverter.ToInt32(bytes, bytes.Length - 8);
        await Task.Run(() => (from places in Gen.Int[9, footer + 8].Array[1, 3]
                              from values in Gen.Byte.Array[places.Length]
                              select (places, values)).Sample(damage =>
        {
            byte[] damaged = [.. bytes];
            foreach (var (place, value) in damage.places.Zip(damage.values))
                damaged[^place] = value;
            File.WriteAllBytes(Path, damaged);
            try
            {
                _mlContext.Data.LoadFromParquet(Path);
            }
            catch (InvalidDataException error)
            {
                Assert.Contains(Path, error.Message, StringComparison.Ordinal);
            }
        }, iter: 2000, threads: 1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_footer_that_does_not_end_is_refused()
    {
        var bytes = Saved();
        bytes[^9] = 88;
        File.WriteAllBytes(Path, bytes);
        var error = Assert.Throws<InvalidDataException>(() => _mlContext.Data.LoadFromParquet(Path));
        Assert.Contains("footer is damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_columns_that_are_asked_for_are_read()
    {
        var bytes = Saved();
        var (start, length) = Chunk(bytes, "Double");
        bytes.AsSpan(start, length).Fill(0xAA);
        File.WriteAllBytes(Path, bytes);
        var view = _mlContext.Data.LoadFromParquet(Path);
        Assert.Equal(Enumerable.Range(0, 12), view.GetColumn<int>("Int"));
        var error = Assert.Throws<InvalidDataException>(() => view.GetColumn<double>("Double").Count());
        Assert.StartsWith($"Column 'Double' of '{Path}' cannot be read in row group 0: it is damaged", error.Message, StringComparison.Ordinal);
        Assert.Equal(12, _mlContext.Data.LoadFromParquet(Path, "Int", "Text").GetColumn<string>("Text").Count());
    }

    [Fact]
    public void A_file_that_changes_is_noticed()
    {
        Saved();
        var view = _mlContext.Data.LoadFromParquet(Path);
        _mlContext.Data.SaveAsParquet(ParquetRow.View(_mlContext, [new() { Vector = [1], Doubles = [2] }], 1), Path.Replace("rows", "other"));
        File.Move(Path.Replace("rows", "other"), Path, overwrite: true);
        var error = Assert.Throws<InvalidDataException>(() => view.GetColumn<int>("Int").Count());
        Assert.Contains($"'{Path}' has changed since it was loaded", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_file_and_no_column_are_told_by_name()
    {
        Assert.Contains(Path, Assert.Throws<FileNotFoundException>(() => _mlContext.Data.LoadFromParquet(Path)).Message, StringComparison.Ordinal);
        Saved();
        var error = Assert.Throws<ArgumentException>(() => _mlContext.Data.LoadFromParquet(Path, "Int", "Feature"));
        Assert.Contains($"'{Path}' has no column 'Feature'. Its columns are: Single, Double, Int,", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _mlContext.Data.LoadFromParquet(Path, "Int", "Int"));
    }

    [Fact]
    public async Task Types_that_ML_NET_lacks_are_left_out_and_refused_when_asked_for()
    {
        await WriteAsync([new DataField<decimal>("Price", false), new DataField<int>("N", false)], async (group, fields) =>
        {
            await group.WriteAsync<decimal>(fields[0], new decimal[] { 1, 2 });
            await group.WriteAsync<int>(fields[1], new[] { 1, 2 });
        });
        Assert.Equal(["N"], _mlContext.Data.LoadFromParquet(Path).Schema.Select(column => column.Name));
        var error = Assert.Throws<InvalidDataException>(() => _mlContext.Data.LoadFromParquet(Path, "Price"));
        Assert.Contains($"Column 'Price' of '{Path}' is Decimal, for which ML.NET has no type", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_values_are_NaN_or_empty_and_an_error_where_no_value_can_say_so()
    {
        await WriteAsync([new DataField<double>("D", true), new DataField("S", typeof(string), true), new DataField<int>("N", true)], async (group, fields) =>
        {
            await group.WriteAsync<double>(fields[0], new double?[] { 1, null, 3 });
            await group.WriteAsync(fields[1], new[] { null, "b", "c" });
            await group.WriteAsync<int>(fields[2], new int?[] { 1, 2, null });
        });
        var view = _mlContext.Data.LoadFromParquet(Path);
        Assert.Equal([1, double.NaN, 3], view.GetColumn<double>("D"));
        Assert.Equal(["", "b", "c"], view.GetColumn<string>("S"));
        var error = Assert.Throws<InvalidDataException>(() => view.GetColumn<int>("N").Count());
        Assert.Contains("row 2 has no value, which a column of Int32 cannot tell", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_values_of_lists_are_NaN()
    {
        await WriteListAsync(new DataField<float>("element", true), [1, 2, 3], [3, 2, 3, 3], [0, 1, 0, 1]);
        Assert.Equal([[1, float.NaN], [2, 3]], _mlContext.Data.LoadFromParquet(Path).GetColumn<float[]>("L"));
    }

    [Theory]
    [InlineData(new[] { 0, 1, 0 }, "Lists of column 'L' of '{0}' differ in length: row group 0 has 3 values in 2 rows")]
    [InlineData(new[] { 0, 1, 1, 0 }, "the list of row 0 has not 2 values as others have")]
    public async Task Lists_of_different_lengths_are_refused(int[] repetitionLevels, string message)
    {
        await WriteListAsync(
            new DataField<float>("element", false), new float[repetitionLevels.Length], [.. repetitionLevels.Select(_ => 2)], repetitionLevels);
        var error = Assert.Throws<InvalidDataException>(() => _mlContext.Data.LoadFromParquet(Path).GetColumn<float[]>("L").Count());
        Assert.Contains(string.Format(null, message, Path), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_list_is_refused()
    {
        await WriteListAsync(new DataField<float>("element", false), [1, 2, 3], [2, 1, 2, 2], [0, 0, 0, 1]);
        var error = Assert.Throws<InvalidDataException>(() => _mlContext.Data.LoadFromParquet(Path).GetColumn<float[]>("L").Count());
        Assert.Contains("column 'L'", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void What_cannot_be_saved_is_refused_before_a_file_is_made()
    {
        var words = ParquetRow.View(_mlContext, [new() { Text = "a b", Vector = [1], Doubles = [1] }], 1);
        var tokens = _mlContext.Transforms.Text.TokenizeIntoWords("Words", "Text").Fit(words).Transform(words);
        Assert.Contains("Column 'Words' has vectors of any length",
            Assert.Throws<ArgumentException>(() => _mlContext.Data.SaveAsParquet(tokens, Path)).Message, StringComparison.Ordinal);
        var times = _mlContext.Data.LoadFromEnumerable([new Timed { At = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc) }]);
        Assert.Contains("Column 'At' holds DateTime",
            Assert.Throws<ArgumentException>(() => _mlContext.Data.SaveAsParquet(times, Path)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Data.SaveAsParquet(tokens, Path, -1));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private byte[] Saved()
    {
        var rows = Enumerable.Range(0, 12).Select(row => new ParquetRow
        {
            Int = row, Double = row * Math.PI, Text = $"t{row}", Vector = [row, 1], Doubles = [row, 2],
        });
        _mlContext.Data.SaveAsParquet(ParquetRow.View(_mlContext, rows, 2), Path, 5);
        return File.ReadAllBytes(Path);
    }

    private static (int Start, int Length) Chunk(byte[] bytes, string column)
    {
        using var stream = new MemoryStream(bytes);
        using var reader = new AsyncDisposal(ParquetReader.CreateAsync(stream).GetAwaiter().GetResult());
        var field = reader.Reader.Schema.DataFields.Single(field => field.Name == column);
        var chunk = reader.Reader.OpenRowGroupReader(0).GetMetadata(field)!.MetaData!;
        return ((int)Math.Min(chunk.DictionaryPageOffset ?? long.MaxValue, chunk.DataPageOffset), (int)chunk.TotalCompressedSize);
    }

    private Task WriteListAsync(DataField element, float[] values, int[] definitionLevels, int[] repetitionLevels) =>
        WriteAsync([new ListField("L", element), new DataField<int>("N", false)], async (group, fields) =>
        {
            await group.WriteAllPartsAsync<float>(fields[0], values, definitionLevels, repetitionLevels, CancellationToken.None);
            await group.WriteAsync<int>(fields[1], new int[repetitionLevels.Count(level => level == 0)]);
        });

    private async Task WriteAsync(Field[] fields, Func<ParquetRowGroupWriter, DataField[], Task> write)
    {
        var schema = new ParquetSchema(fields);
        await using var stream = File.Create(Path);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream);
        using var group = writer.CreateRowGroup();
        await write(group, schema.DataFields);
    }

    private sealed record AsyncDisposal(ParquetReader Reader) : IDisposable
    {
        public void Dispose() => Reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private sealed class Timed
    {
        public DateTime At { get; set; }
    }
}
