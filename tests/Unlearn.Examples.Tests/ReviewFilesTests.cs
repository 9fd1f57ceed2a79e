using System.IO.Compression;
using Unlearn.Examples.ImdbReviews;
using Xunit;

namespace Unlearn.Examples.Tests;

public sealed class ReviewFilesTests
{
    private const string Table =
        "split\tlabel\trating\tid\ttext\ntrain\t0\t3\t0\tBad.\ntrain\t1\t9\t0\tGood.\ntrain\t0\t1\t1\tAwful.\ntest\t1\t10\t0\tGreat.\ntest\t0\t2\t0\tPoor.\n";

    private static void Write(string file, Func<Stream, Stream> pack)
    {
        using var writer = new StreamWriter(pack(File.Create(file)));
        writer.Write(Table);
    }

    [Theory]
    [InlineData("imdb.tsv")]
    [InlineData("imdb.tsv.gz")]
    [InlineData("imdb.tsv.br")]
    public void A_table_is_read(string name)
    {
        using TemporaryFolder folder = new();
        Write(folder.File(name), stream => Path.GetExtension(name) switch
        {
            ".gz" => new GZipStream(stream, CompressionMode.Compress),
            ".br" => new BrotliStream(stream, CompressionMode.Compress),
            _ => stream,
        });
        var (train, test) = ReviewFiles.Read(folder.File(name), 2, 1);
        Assert.Equal([new("0_3", false, "Bad."), new("0_9", true, "Good.")], train);
        Assert.Equal([new("0_10", true, "Great.")], test);
        Assert.Contains("4 train rows", Assert.Throws<ArgumentException>(() => ReviewFiles.Read(folder.File(name), 4, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_is_read_with_both_classes_taking_turns()
    {
        using TemporaryFolder folder = new();
        foreach (var part in new[] { "train", "test" })
            foreach (var (name, rating) in new[] { ("pos", 9), ("neg", 2) })
                foreach (var number in new[] { 0, 2, 10 })
                    File.WriteAllText(folder.File(part, name, $"{number}_{rating}.txt"), $"{part} {name} {number}");
        var (train, test) = ReviewFiles.Read(folder.Path, 5, 6);
        Assert.Equal([new("0_2", false, "train neg 0"), new(
            "0_9", true, "train pos 0"), new("2_2", false, "train neg 2"), new("2_9", true, "train pos 2"), new("10_2", false, "train neg 10")], train);
        Assert.Equal(6, test.Count);
    }

    [Fact]
    public void What_is_missing_or_malformed_is_named()
    {
        using TemporaryFolder folder = new();
        Assert.Contains(
            ReviewFiles.Formats, Assert.Throws<FileNotFoundException>(() => ReviewFiles.Read(folder.File("none"), 1, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => ReviewFiles.Read(folder.Path, 1, 1));
        File.WriteAllText(folder.File("other.tsv"), "text\tlabel\n");
        Assert.Contains("columns split, label", Assert.Throws<InvalidDataException>(() => ReviewFiles.Read(folder.File("other.tsv"), 1, 1)).Message,
            StringComparison.Ordinal);
        File.WriteAllText(folder.File("bad.tsv"), Table + "train\t7\t3\t5\tNo label.\n");
        Assert.Contains("Line 7 ", Assert.Throws<InvalidDataException>(() => ReviewFiles.Read(folder.File("bad.tsv"), 9, 1)).Message, StringComparison.Ordinal);
    }
}
