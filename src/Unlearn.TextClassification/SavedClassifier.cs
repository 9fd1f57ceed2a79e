using System.IO.Compression;
using System.Text;

namespace Unlearn.TextClassification;

/// <summary>What a saved ML.NET model says of the text classifier in it, read without the package's own loader.</summary>
/// <param name="Parameters">The network's parameters, as TorchSharp saves them.</param>
/// <param name="ClassCount">Number of classes.</param>
/// <param name="ClassNames">Names of the classes; <see langword="null"/> where the labels were no text.</param>
internal sealed record SavedClassifier(byte[] Parameters, int ClassCount, IReadOnlyList<string>? ClassNames)
{
    private const string NetworkEntry = "TSModel";
    private const long LargestEntry = 1L << 30;
    private const int ModelStart = 0x10;
    private const int ModelSize = 0x18;
    private const int Signature = 0x40;
    private const int MostClasses = 1 << 20;

    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["OBJ-DETC"] = "object detection: a row has any number of boxes and no class, and the package's network calls what TorchSharp 0.107 lacks",
        ["NER-BERT"] = "named entity recognition: each word of a row has a class, and a target gives a row one",
        ["SNT-SIMI"] = "sentence similarity: a row has a number and no class",
        ["QA-ANSWR"] = "question answering: a row's answer is a part of it and no class",
    };

    /// <exception cref="FormatException">The bytes are no ML.NET model, or have no text classifier of one sentence.</exception>
    /// <exception cref="NotSupportedException">The model is another of Microsoft.ML.TorchSharp's.</exception>
    public static SavedClassifier Read(byte[] model)
    {
        try
        {
            using var archive = new ZipArchive(new MemoryStream(model, writable: false), ZipArchiveMode.Read);
            var networks = archive.Entries.Where(entry => entry.FullName.Replace('\\', '/').Split('/')[^1] == NetworkEntry).ToList();
            if (networks is not [var network])
                throw new FormatException($"The model has {networks.Count} networks of Microsoft.ML.TorchSharp, not one.");
            var header = archive.GetEntry(network.FullName[..^NetworkEntry.Length] + "Model.key")
                ?? throw new FormatException("The model has a network without a header.");
            var (count, names) = ReadHeader(Bytes(header));
            return new(Bytes(network), count, names);
        }
        catch (InvalidDataException cause)
        {
            throw new FormatException($"The file is no saved ML.NET model: {cause.Message}", cause);
        }
    }

    private static (int Count, IReadOnlyList<string>? Names) ReadHeader(byte[] header)
    {
        if (header.Length < 0x90)
            throw new FormatException("The network's header is cut off.");
        var kind = Encoding.ASCII.GetString(header, Signature, 8);
        if (Refused.TryGetValue(kind, out var reason))
            throw new NotSupportedException($"The model is of {reason}. Only text classification can be a target.");
        if (kind != "TXT-CLSS")
            throw new FormatException($"The network's kind is '{kind}', not text classification.");
        var (start, size) = (BitConverter.ToInt64(header, ModelStart), BitConverter.ToInt64(header, ModelSize));
        if (start < 0 || size < 6 * sizeof(int) || start > header.Length - size)
            throw new FormatException("The network's header is damaged.");
        var block = header.AsSpan((int)start, (int)size);
        // Names of three columns, the classes, then the names of two columns of sentences: none is −1.
        var classes = BitConverter.ToInt32(block[12..]);
        if (classes is < 2 or > MostClasses)
            throw new FormatException($"The model has {classes} classes.");
        if (BitConverter.ToInt32(block[20..]) >= 0)
            throw new NotSupportedException("The model classifies pairs of sentences, and a target reads one text: train it on one column.");
        return (classes, ReadNames(block[24..].ToArray(), classes));
    }

    // Texts end the block: their number, where each ends, and all of them as one string.
    private static IReadOnlyList<string>? ReadNames(byte[] block, int classes)
    {
        for (var at = 0; at + (1 + classes) * sizeof(int) < block.Length; at++)
        {
            if (BitConverter.ToInt32(block, at) != classes)
                continue;
            var ends = Enumerable.Range(1, classes).Select(i => BitConverter.ToInt32(block, at + i * sizeof(int))).ToArray();
            if (ends[0] < 0 || ends.Zip(ends.Skip(1)).Any(pair => pair.First > pair.Second))
                continue;
            using var reader = new BinaryReader(new MemoryStream(block, at + (1 + classes) * sizeof(int), block.Length - at - (1 + classes) * sizeof(int)));
            var length = reader.Read7BitEncodedInt();
            if (length != reader.BaseStream.Length - reader.BaseStream.Position)
                continue;
            var all = Encoding.UTF8.GetString(reader.ReadBytes(length));
            if (all.Length == ends[^1])
                return [.. ends.Select((end, i) => all[(i == 0 ? 0 : ends[i - 1])..end])];
        }
        return null;
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        if (entry.Length > LargestEntry)
            throw new FormatException($"'{entry.FullName}' has {entry.Length} bytes, which is far too much.");
        using var stream = entry.Open();
        var bytes = new byte[entry.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
