using System.Buffers.Binary;
using System.IO.Compression;

namespace Unlearn.Examples.FashionMnist;

/// <summary>Fashion-MNIST's idx files, gzipped or not: big-endian sizes, then bytes.</summary>
internal static class IdxFiles
{
    private const int ImageMagic = 0x803;
    private const int LabelMagic = 0x801;

    /// <summary>Reads one part of the data set.</summary>
    /// <param name="folder">Folder of the files.</param>
    /// <param name="part"><c>train</c> or <c>t10k</c>.</param>
    /// <param name="rows">The most rows to read.</param>
    public static List<Image> Read(string folder, string part, int rows)
    {
        var images = Bytes(folder, $"{part}-images-idx3-ubyte");
        var labels = Bytes(folder, $"{part}-labels-idx1-ubyte");
        if (Size(images, 0) != ImageMagic || Size(images, 2) != Image.Side || Size(images, 3) != Image.Side || Size(labels, 0) != LabelMagic)
            throw new InvalidDataException($"The {part} files in '{folder}' are no Fashion-MNIST idx files of {Image.Side} × {Image.Side} images.");
        var count = Size(images, 1);
        if (count != Size(labels, 1) || images.Length != 16 + count * Image.Pixels || labels.Length != 8 + count)
            throw new InvalidDataException($"The {part} files in '{folder}' are damaged: they name {count} images and {Size(labels, 1)} labels, "
                + $"and hold {images.Length} and {labels.Length} bytes.");
        if (rows > count)
            throw new ArgumentException($"{rows} rows were asked for, but the {part} files in '{folder}' hold {count}: "
                + "name a folder with the full set by --data, or ask for fewer --rows.");
        return
        [
            .. Enumerable.Range(0, rows).Select(row => new Image(row, images[(16 + row * Image.Pixels)..(16 + (row + 1) * Image.Pixels)], labels[8 + row])),
        ];
    }

    private static int Size(byte[] file, int number) => file.Length < 4 * (number + 1) ? -1 : BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(4 * number));

    private static byte[] Bytes(string folder, string name)
    {
        var plain = Path.Combine(folder, name);
        var zipped = plain + ".gz";
        if (File.Exists(plain))
            return File.ReadAllBytes(plain);
        if (!File.Exists(zipped))
            throw new FileNotFoundException($"Neither '{plain}' nor '{zipped}' is there. Debian's package dataset-fashion-mnist brings the full set.");
        using var stream = new GZipStream(File.OpenRead(zipped), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
