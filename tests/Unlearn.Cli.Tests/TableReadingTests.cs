using System.IO.Compression;
using System.Text;
using Parquet.Serialization;
using Unlearn.Cli.Tables;
using Xunit;
using ZstdSharp;

namespace Unlearn.Cli.Tests;

/// <summary>What is understood of tables, odd ones included.</summary>
public sealed class TableReadingTests
{
    private const string Plain = "a,b,label\n1,x,yes\n2,y,no\n3,x,yes\n4,y,no\n5,x,yes\n";

    [Theory]
    [InlineData("UTF-8")]
    [InlineData("UTF-8 with BOM")]
    [InlineData("UTF-16")]
    [InlineData("UTF-16 without BOM")]
    [InlineData("UTF-16 big-endian")]
    [InlineData("UTF-32")]
    public async Task Every_encoding_gives_the_same_table(string encoding)
    {
        const string text = "größe,b,label\n1,ä,yes\n2,y,no\n";
        byte[] bytes = encoding switch
        {
            "UTF-8" => Encoding.UTF8.GetBytes(text),
            "UTF-8 with BOM" => [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)],
            "UTF-16" => [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text)],
            "UTF-16 without BOM" => Encoding.Unicode.GetBytes(text),
            "UTF-16 big-endian" => [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(text)],
            _ => [.. Encoding.UTF32.Preamble, .. Encoding.UTF32.GetBytes(text)],
        };
        var table = await ReadAsync("t.csv", bytes);
        Assert.Equal(["größe", "b", "label"], table.Names);
        Assert.Equal(["1", "ä", "yes"], table.Rows[0]);
        Assert.EndsWith(encoding, table.Format, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_UTF_8_is_Latin_1_and_said_to_be()
    {
        var table = await ReadAsync("t.csv", Encoding.Latin1.GetBytes("a,label\nä,1\nb,2\n"));
        Assert.Equal("ä", table.Rows[0][0]);
        Assert.Contains("Latin-1", Assert.Single(table.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("t.csv.gz", "gzip")]
    [InlineData("t.csv.br", "brotli")]
    [InlineData("t.csv.zst", "zstd")]
    [InlineData("anything", "gzip")]
    public async Task Compressed_tables_are_unpacked_by_their_content(string name, string compression)
    {
        using var packed = new MemoryStream();
        using (Stream stream = compression switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest),
            "brotli" => new BrotliStream(packed, CompressionLevel.Fastest),
            _ => new CompressionStream(packed),
        })
            stream.Write(Encoding.UTF8.GetBytes(Plain));
        var table = await ReadAsync(name, packed.ToArray());
        Assert.Equal(5, table.Rows.Count);
        Assert.EndsWith(compression, table.Format, StringComparison.Ordinal);

        var bytes = packed.ToArray();
        for (var length = 4; length < bytes.Length; length++)
        {
            var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(name, bytes[..length]));
            Assert.Contains("damaged or cut", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_gzip_file_of_several_members_is_one_table()
    {
        using var packed = new MemoryStream();
        foreach (var part in new[] { Plain, "6,y,no\n" })
            using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                stream.Write(Encoding.UTF8.GetBytes(part));
        Assert.Equal(6, (await ReadAsync("t.csv.gz", packed.ToArray())).Rows.Count);
    }

    [Theory]
    [InlineData("a;b;label\n1,5;x;1\n2,5;y;2\n", "CSV with ';'")]
    [InlineData("a\tb\tlabel\n1,5\tx\t1\n2,5\ty\t2\n", "TSV")]
    [InlineData("a|b|label\n1,5|x|1\n2,5|y|2\n", "CSV with '|'")]
    public async Task Separators_are_found_and_decimal_commas_are_numbers(string text, string format)
    {
        var raw = await ReadAsync("t.csv", Encoding.UTF8.GetBytes(text));
        Assert.StartsWith(format, raw.Format, StringComparison.Ordinal);
        var column = Understand(raw).Columns[0];
        Assert.Equal((ColumnKind.Number, true, "1.5 to 2.5"), (column.Kind, column.HasDecimalComma, column.Values));
        Assert.Equal(1.5, column.Number(raw.Rows[0][0], []));
    }

    [Theory]
    [InlineData("1.234,5", 1234.5)]
    [InlineData("-0,25", -0.25)]
    [InlineData("12", 12.0)]
    [InlineData("1,2,3", null)]
    [InlineData("12.34,5", null)]
    [InlineData("1.5", null)]
    public void Decimal_commas_have_points_between_thousands_alone(string cell, double? expected) => Assert.Equal(expected, CellTexts.DecimalComma(cell));

    [Fact]
    public async Task Quotes_hold_separators_line_breaks_and_quotes()
    {
        var table = await ReadAsync("t.csv", "a,b,label\r\n\"x, \"\"y\"\"\r\nz\",2,1\r\n\r\n\"So\" he said,3,2\r\n"u8.ToArray());
        Assert.Equal("x, \"y\"\r\nz", table.Rows[0][0]);
        Assert.Equal("\"So\" he said", table.Rows[1][0]);
        Assert.Equal(2, table.Rows.Count);
    }

    [Fact]
    public async Task Quotes_of_an_even_TSV_are_letters()
    {
        var table = await ReadAsync("t.tsv", "text\tlabel\n\"Never closed\t1\nplain\t2\n"u8.ToArray());
        Assert.Equal("\"Never closed", table.Rows[0][0]);
        Assert.Equal(2, table.Rows.Count);
    }

    [Fact]
    public async Task A_first_line_of_numbers_is_a_row()
    {
        var table = await ReadAsync("t.csv", "39, State-gov, <=50K\n50, Private, >50K\n"u8.ToArray());
        Assert.Equal(["column1", "column2", "column3"], table.Names);
        Assert.Equal(2, table.Rows.Count);
        Assert.Contains("--header", Assert.Single(table.Notes), StringComparison.Ordinal);
        Assert.Equal(
            ["39", "State-gov", "<=50K"], (await ReadAsync("t.csv", "39, State-gov, <=50K\n50, Private, >50K\n"u8.ToArray(), new(HasHeader: true))).Names);
    }

    [Fact]
    public async Task Names_that_are_there_twice_or_not_at_all_are_made_unique()
    {
        var table = await ReadAsync("t.csv", ",a,a,label\n1,2,3,x\n2,3,4,y\n"u8.ToArray());
        Assert.Equal(["column1", "a", "a_2", "label"], table.Names);
    }

    [Fact]
    public async Task Few_ragged_rows_are_left_out_and_counted_many_are_refused()
    {
        var lines = string.Concat(Enumerable.Range(0, 200).Select(i => $"{i},{i * 7 % 5},{i % 2}\n"));
        var table = await ReadAsync("t.csv", Encoding.UTF8.GetBytes($"a,b,label\n{lines}1,2\n"));
        Assert.Equal(200, table.Rows.Count);
        Assert.Contains("line 202 has 2", Assert.Single(table.Notes), StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync("t.csv", "a,b,label\n1,2,3\n1,2\n1\n1,2,3,4\n1,2,3\n1,2,3\n"u8.ToArray()));
        Assert.Contains("line 3", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_are_taken_for_what_they_hold()
    {
        var text = new StringBuilder("id,age,zip,color,review,same,empty,price,token,label\n");
        for (var i = 0; i < 120; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"r{i},{(i % 9 == 0 ? "NA" : $"{i % 40}")},0"
                + $"{1000 + i % 3},{(i % 2 == 0 ? "red" : "blue")},this film was number {i} of all,1,,{(i == 50 ? "free" : $"{i}.5")},t{i},{i % 3}\n");
        var table = Understand(await ReadAsync("t.csv", Encoding.UTF8.GetBytes(text.ToString())));
        Assert.Equal(
            [
                ColumnKind.Id, ColumnKind.Number, ColumnKind.Category, ColumnKind.Category, ColumnKind.Text, ColumnKind.Ignored, ColumnKind.Ignored,
                ColumnKind.Number, ColumnKind.Ignored, ColumnKind.Label,
            ],
            table.Columns.Select(column => column.Kind));
        Assert.Equal(14, table.Columns[1].Missing);
        Assert.Contains("leading zeros", table.Columns[2].Note, StringComparison.Ordinal);
        Assert.Contains("'free'", table.Columns[7].Note, StringComparison.Ordinal);
        Assert.Equal(["0", "1", "2"], table.Classes);
    }

    [Fact]
    public async Task A_column_that_is_the_label_in_other_words_is_pointed_out()
    {
        var text = new StringBuilder("rating,size,label\n");
        for (var i = 0; i < 100; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i % 8},{i % 7},{(i % 8 < 4 ? "bad" : "good")}\n");
        var table = Understand(await ReadAsync("t.csv", Encoding.UTF8.GetBytes(text.ToString())));
        Assert.Contains("tells the label", table.Columns[0].Note, StringComparison.Ordinal);
        Assert.Equal("", table.Columns[1].Note);
    }

    [Theory]
    [InlineData("a,label\n1,x\n2,x\n", "one class, 'x'")]
    [InlineData("a,label\n1,\n2,?\n", "empty in every row")]
    [InlineData("a,b\n1,x\n2,y\n", "Name it by --label")]
    public async Task A_label_that_does_not_serve_is_refused(string text, string expected)
    {
        var raw = await ReadAsync("t.csv", Encoding.UTF8.GetBytes(text));
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => Understand(raw)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_thousand_classes_are_refused()
    {
        var raw = await ReadAsync("t.csv", Encoding.UTF8.GetBytes("a,label\n" + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"{i % 7},c{i}\n"))));
        Assert.Contains("10000 values", Assert.Throws<InvalidDataException>(() => Understand(raw)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_that_repeat_and_columns_that_are_not_there_are_named()
    {
        var raw = await ReadAsync("t.csv", "key,colour,label\na,1,x\nb,2,y\na,3,x\n"u8.ToArray());
        Assert.Contains("'a'", Assert.Throws<InvalidDataException>(() => Understand(raw, new() { Id = "key" })).Message, StringComparison.Ordinal);
        Assert.Contains("'colour'", Assert.Throws<InvalidDataException>(() => Understand(raw, new() { Label = "color" })).Message, StringComparison.Ordinal);
        Assert.Equal(["1", "2", "3"], Enumerable.Range(0, 3).Select(Understand(raw).IdOf));
    }

    [Fact]
    public async Task A_user_says_what_a_column_is()
    {
        var raw = await ReadAsync("t.csv", "zip,label\n01,x\n02,y\n03,x\n"u8.ToArray());
        Assert.Equal(ColumnKind.Number, Understand(raw, new() { Kinds = new Dictionary<string, ColumnKind> { ["ZIP"] = ColumnKind.Number } }).Columns[0].Kind);
        var words = await ReadAsync("t.csv", "a,label\nx,1\ny,2\n"u8.ToArray());
        Assert.Contains("'x'", Assert.Throws<InvalidDataException>(
            () => Understand(words, new() { Kinds = new Dictionary<string, ColumnKind> { ["a"] = ColumnKind.Number } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parquet_is_a_table_like_others()
    {
        using var stream = new MemoryStream();
        await ParquetSerializer.SerializeAsync([new ParquetRow { Size = 1.5, Name = "x", Label = 1 }, new ParquetRow { Size = null, Name = null, Label = 2 }],
            stream, cancellationToken: TestContext.Current.CancellationToken);
        var table = await ReadAsync("t.parquet", stream.ToArray());
        Assert.Equal(["Size", "Name", "Label"], table.Names);
        Assert.Equal(["1.5", "x", "1"], table.Rows[0]);
        Assert.Equal([null, null, "2"], table.Rows[1]);
    }

    [Fact]
    public async Task Features_are_standardized_and_missing_ones_have_a_flag()
    {
        var table = Understand(await ReadAsync("t.csv", "size,color,label\n1,red,x\n3,blue,y\n?,red,x\n9,green,y\n"u8.ToArray()));
        var encoder = new TableEncoder(table, [0, 1, 2]);
        Assert.Equal(4, encoder.FeatureCount); // size, its flag, red, blue
        Assert.Equal([-1, 0, 1, 0], encoder.Encode(table.Raw.Rows[0]));
        Assert.Equal([1, 0, 0, 1], encoder.Encode(table.Raw.Rows[1]));
        Assert.Equal([0, 1, 1, 0], encoder.Encode(table.Raw.Rows[2]));
        Assert.Equal([7, 0, 0, 0], encoder.Encode(table.Raw.Rows[3]));
    }

    private static UnderstoodTable Understand(RawTable raw, TableOptions? options = null) => TableReader.Understand("t.csv", raw, options ?? new());

    private static async Task<RawTable> ReadAsync(string name, byte[] content, DelimitedOptions? options = null)
    {
        using TemporaryFolder folder = new();
        return await TableFile.ReadAsync(folder.Write(name, content), options ?? new(), TestContext.Current.CancellationToken);
    }

    private sealed class ParquetRow
    {
        public double? Size { get; set; }

        public string? Name { get; set; }

        public int Label { get; set; }
    }
}
