using System.Formats.Tar;
using System.IO.Compression;
using Unlearn.Cli.Images;

namespace Unlearn.Examples.Cifar10;

/// <summary>CIFAR-10 as its authors publish it, or as image files: in a folder or in a gzipped tar archive.</summary>
internal static class CifarFiles
{
    public const int Side = 32;

    public const string Formats = "a folder or .tar.gz with data_batch_*.bin and test_batch.bin (cifar-10-binary.tar.gz of "
        + "https://www.cs.toronto.edu/~kriz/cifar.html), or with train/CLASS/* and test/CLASS/* image files";

    private const int PixelBytes = Side * Side * RgbImage.Channels;
    private const int RecordBytes = 1 + PixelBytes;
    private const string BinarySuffix = ".bin";
    private const string TestBatch = "test_batch.bin";

    private static readonly string[] JpegSuffixes = [".jpg", ".jpeg"];
    private static readonly string[] ImageSuffixes = [.. JpegSuffixes, ".png"];

    public static List<string> ClassNames { get; } = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Reads rows of both parts.</summary>
    /// <param name="path">The folder or archive.</param>
    /// <param name="rows">Rows of the training part.</param>
    /// <param name="testRows">Rows of the test part.</param>
    /// <returns>The images, and whether they come from JPEG files.</returns>
    public static (List<RgbImage> Train, List<RgbImage> Test, bool IsJpeg) Read(string path, int rows, int testRows)
    {
        var files = Files(path).ToList();
        var batches =
            files.Where(file => file.Name.EndsWith(BinarySuffix, StringComparison.Ordinal)).OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        var (train, test) = batches.Count > 0
            ? (FromBatches(batches.Where(file => file.Name != TestBatch), path, rows), FromBatches(
                batches.Where(file => file.Name == TestBatch), path, testRows))
            : (FromImageFiles(files, "train", rows), FromImageFiles(files, "test", testRows));
        Demand(train.Count, rows, "train", path);
        Demand(test.Count, testRows, "test", path);
        return (train, test, batches.Count == 0 && files.Exists(file => JpegSuffixes.Contains(Path.GetExtension(file.Name).ToLowerInvariant())));
    }

    private static List<RgbImage> FromBatches(IEnumerable<CifarFile> batches, string path, int count)
    {
        List<RgbImage> images = [];
        foreach (var batch in batches.TakeWhile(_ => images.Count < count))
        {
            var bytes = batch.Bytes();
            if (bytes.Length == 0 || bytes.Length % RecordBytes != 0)
                throw new InvalidDataException($"'{batch.Name}' in '{path}' is damaged: {bytes.Length} bytes are no whole number of records of {RecordBytes}.");
            for (var start = 0; start < bytes.Length && images.Count < count; start += RecordBytes)
            {
                if (bytes[start] >= ClassNames.Count)
                    throw new InvalidDataException(
                        $"Record {start / RecordBytes} of '{batch.Name}' in '{path}' has class {bytes[start]}: CIFAR-10 has {ClassNames.Count}.");
                var planes = bytes.AsMemory(start + 1, PixelBytes);
                images.Add(new($"{images.Count}", bytes[start], _ => Interleave(planes.Span)));
            }
        }
        return images;
    }

    // The same number of each class, as far as it goes.
    private static List<RgbImage> FromImageFiles(IEnumerable<CifarFile> files, string part, int count) =>
        [.. files.Where(file => file.Part == part && ClassNames.Contains(file.Class) && ImageSuffixes.Contains(Path.GetExtension(file.Name).ToLowerInvariant()))
            .GroupBy(file => file.Class)
            .SelectMany(group => group.OrderBy(file => file.Name, StringComparer.Ordinal).Index())
            .OrderBy(file => file.Index).ThenBy(file => file.Item.Class, StringComparer.Ordinal)
            .Take(count)
            .Select(file => new RgbImage($"{file.Item.Class}/{Path.GetFileNameWithoutExtension(file.Item.Name)}", ClassNames.IndexOf(file.Item.Class),
                side => ImageDecoder.Decode(file.Item.Bytes(), side, $"{part}/{file.Item.Class}/{file.Item.Name}")))];

    private static void Demand(int found, int count, string part, string path)
    {
        if (found == 0)
            throw new FileNotFoundException($"'{path}' holds no {part} images of CIFAR-10: give --data {Formats}.");
        if (found < count)
            throw new ArgumentException(
                $"{count} {part} rows were asked for, but '{path}' holds {found}: ask for fewer --rows, or name the whole set by --data.");
    }

    private static IEnumerable<CifarFile> Files(string path)
    {
        if (Directory.Exists(path))
            return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Select(file => CifarFile.Of(file.Split(Path.DirectorySeparatorChar), () => File.ReadAllBytes(file)));
        return File.Exists(path)
            ? Entries(path)
            : throw new FileNotFoundException($"CIFAR-10 is not at '{Path.GetFullPath(path)}': give --data {Formats}.");
    }

    private static IEnumerable<CifarFile> Entries(string path)
    {
        using var tar = new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null)
                continue;
            var bytes = new byte[entry.Length];
            entry.DataStream.ReadExactly(bytes);
            yield return CifarFile.Of(entry.Name.Split('/'), () => bytes);
        }
    }

    private static byte[] Interleave(ReadOnlySpan<byte> planes)
    {
        var pixels = new byte[PixelBytes];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = planes[i % RgbImage.Channels * Side * Side + i / RgbImage.Channels];
        return pixels;
    }

    /// <param name="Part">Name of the folder of its folder: <c>train</c> or <c>test</c>.</param>
    /// <param name="Class">Name of its folder.</param>
    /// <param name="Name">Name of the file.</param>
    /// <param name="Bytes">Reads it.</param>
    private sealed record CifarFile(string Part, string Class, string Name, Func<byte[]> Bytes)
    {
        public static CifarFile Of(string[] path, Func<byte[]> bytes) => new(path.Length > 2 ? path[^3] : "", path.Length > 1 ? path[^2] : "", path[^1], bytes);
    }
}
