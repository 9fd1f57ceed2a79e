using System.Formats.Tar;
using System.IO.Compression;
using SkiaSharp;
using Unlearn.Examples.Cifar10;
using Xunit;

namespace Unlearn.Examples.Tests;

public sealed class CifarFilesTests
{
    private const int Record = 3073;

    /// <summary>Record r of a batch: its class, then planes of red, green and blue that tell record and place.</summary>
    private static byte[] Batch(int records) =>
        [.. Enumerable.Range(0, records)
            .SelectMany(r => Enumerable.Range(0, Record).Select(i => i == 0 ? (byte)(r % 10) : (byte)(r + (i - 1) / 1024 * 50 + (i - 1) % 1024 % 7)))];

    private static void WriteBatches(TemporaryFolder folder)
    {
        File.WriteAllBytes(folder.File("cifar-10-batches-bin", "data_batch_1.bin"), Batch(6));
        File.WriteAllBytes(folder.File("cifar-10-batches-bin", "data_batch_2.bin"), Batch(12));
        File.WriteAllBytes(folder.File("cifar-10-batches-bin", "test_batch.bin"), Batch(4));
    }

    private static string Pack(TemporaryFolder folder, TemporaryFolder content)
    {
        var path = folder.File("cifar.tar.gz");
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        TarFile.CreateFromDirectory(content.Path, gzip, includeBaseDirectory: false);
        return path;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Binary_batches_are_read_from_a_folder_and_from_an_archive(bool isPacked)
    {
        using TemporaryFolder content = new(), folder = new();
        WriteBatches(content);
        var (train, test, isJpeg) = CifarFiles.Read(isPacked ? Pack(folder, content) : content.Path, 8, 4);
        Assert.False(isJpeg);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7"], train.Select(image => image.Id));
        Assert.Equal([0, 1, 2, 3, 4, 5, 0, 1], train.Select(image => image.Label));
        Assert.Equal(4, test.Count);
        // Pixel 8 of record 5: 8 mod 7 = 1.
        Assert.Equal([6, 56, 106], train[5].Pixels(32)[24..27]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Image_files_are_read_from_a_folder_and_from_an_archive_with_the_same_number_of_each_class(bool isPacked)
    {
        using TemporaryFolder content = new(), folder = new();
        foreach (var part in new[] { "train", "test" })
            for (var i = 0; i < 3; i++)
            {
                File.WriteAllBytes(content.File("cifar10", part, "truck", $"000{i}.jpg"), TestImages.Plain(SKColors.Red, format: SKEncodedImageFormat.Jpeg));
                File.WriteAllBytes(content.File("cifar10", part, "cat", $"000{i}.jpg"), TestImages.Plain(SKColors.Blue, format: SKEncodedImageFormat.Jpeg));
            }
        var (train, test, isJpeg) = CifarFiles.Read(isPacked ? Pack(folder, content) : content.Path, 4, 2);
        Assert.True(isJpeg);
        Assert.Equal(["cat/0000", "truck/0000", "cat/0001", "truck/0001"], train.Select(image => image.Id));
        Assert.Equal([3, 9, 3, 9], train.Select(image => image.Label));
        Assert.Equal(2, test.Count);
        Assert.True(train[0].Pixels(32) is [< 10, < 10, > 245, ..]);
        Assert.True(train[1].Pixels(32) is [> 245, < 10, < 10, ..]);
    }

    [Fact]
    public void What_is_missing_or_damaged_is_named()
    {
        using TemporaryFolder folder = new();
        var nowhere = Path.Combine(folder.Path, "nowhere");
        Assert.Contains(CifarFiles.Formats, Assert.Throws<FileNotFoundException>(() => CifarFiles.Read(nowhere, 1, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => CifarFiles.Read(folder.Path, 1, 1));
        WriteBatches(folder);
        Assert.Contains(
            "19 train rows were asked for, but", Assert.Throws<ArgumentException>(() => CifarFiles.Read(folder.Path, 19, 1)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("cifar-10-batches-bin", "data_batch_1.bin"), Batch(6)[..^1]);
        Assert.Contains("'data_batch_1.bin'", Assert.Throws<InvalidDataException>(() => CifarFiles.Read(folder.Path, 8, 1)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("cifar-10-batches-bin", "data_batch_1.bin"), [77, .. Batch(6)[1..]]);
        Assert.Contains("class 77", Assert.Throws<InvalidDataException>(() => CifarFiles.Read(folder.Path, 8, 1)).Message, StringComparison.Ordinal);
    }
}
