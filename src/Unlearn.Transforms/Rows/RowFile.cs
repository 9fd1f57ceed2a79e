using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Unlearn.Transforms.Rows;

/// <summary>
/// A file of training rows that outlives them: a header (name and version of the format, counts, SHA-256 of all else), the features, and then ids, labels
/// and names of classes. All numbers are little-endian.
/// </summary>
internal static class RowFile
{
    private const int Version = 1;
    private const int HashStart = 32;
    private const string Remedy = "Store the rows again, by TrainingRows.FromDataView.";

    private static ReadOnlySpan<byte> Magic => "unl-rows"u8;

    /// <summary>What a file holds beside features.</summary>
    public sealed record Content(IReadOnlyList<string> Ids, long[] Labels, int ClassCount, IReadOnlyList<string>? ClassNames, bool AreTexts);

    /// <summary>Makes a file, which appears under its name when it is complete.</summary>
    /// <param name="features">The features.</param>
    /// <param name="order">Their order.</param>
    /// <param name="content">All else, in this order already.</param>
    /// <param name="path">Path of the file.</param>
    public static FeatureFile Create(FeatureFile features, int[] order, Content content, string path)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        var file = FeatureFile.Create(temporary, features.Width);
        try
        {
            features.CopyTo(file, order);
            Complete(file, content);
            File.Move(temporary, path, overwrite: true);
            return file;
        }
        catch
        {
            file.Dispose();
            File.Delete(temporary);
            throw;
        }
    }

    private static void Complete(FeatureFile file, Content content)
    {
        using var rest = new MemoryStream();
        using (var writer = new BinaryWriter(rest, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(content.AreTexts);
            writer.Write(content.ClassNames?.Count ?? 0);
            foreach (var text in (content.ClassNames ?? []).Concat(content.Ids))
                writer.Write(text);
            writer.Write(MemoryMarshal.AsBytes(content.Labels.AsSpan()));
        }
        var header = new byte[FeatureFile.HeaderSize];
        Magic.CopyTo(header);
        Write(header, 8, Version);
        Write(header, 12, file.Count);
        Write(header, 16, file.Width);
        Write(header, 20, content.ClassCount);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), rest.Length);
        RandomAccess.Write(file.Handle, rest.GetBuffer().AsSpan(0, (int)rest.Length), RandomAccess.GetLength(file.Handle));
        Hash(file, header).CopyTo(header, HashStart);
        RandomAccess.Write(file.Handle, header, 0);
        RandomAccess.FlushToDisk(file.Handle);
    }

    /// <summary>Opens a file, and checks it to the last byte.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no file of training rows, of another version, cut or damaged.</exception>
    public static (FeatureFile Features, Content Content) Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            var header = new byte[FeatureFile.HeaderSize];
            var length = RandomAccess.GetLength(handle);
            if (RandomAccess.Read(handle, header, 0) < header.Length || !header.AsSpan().StartsWith(Magic))
                throw new InvalidDataException($"'{path}' is no file of training rows, or was never completed. {Remedy}");
            if (Read(header, 8) is var version && version != Version)
                throw new InvalidDataException($"'{path}' has version {version} of the format of training rows, and this program reads {Version}. {Remedy}");
            var (rows, width, classes) = (Read(header, 12), Read(header, 16), Read(header, 20));
            var rest = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(24));
            var expected = FeatureFile.HeaderSize + (Int128)rows * width * sizeof(float) + rest;
            if (rows < 2 || width < 1 || classes < 2 || rest < 0 || expected != length)
                throw new InvalidDataException($"'{path}' has {length} bytes, but its header tells of {expected}: it was cut, or is damaged. {Remedy}");
            var file = FeatureFile.Open(path, handle, width, rows);
            if (!Hash(file, header).AsSpan().SequenceEqual(header.AsSpan(HashStart)))
                throw new InvalidDataException($"'{path}' is damaged: its content has another SHA-256 than its header says. {Remedy}");
            return (file, ReadRest(file, classes, checked((int)rest), length));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static Content ReadRest(FeatureFile file, int classes, int size, long length)
    {
        var bytes = new byte[size];
        RandomAccess.Read(file.Handle, bytes, length - size);
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        var areTexts = reader.ReadBoolean();
        string[] names = Texts(reader.ReadInt32());
        string[] ids = Texts(file.Count);
        var labels = new long[file.Count];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(labels.AsSpan()));
        return new(ids, labels, classes, names.Length == 0 ? null : names, areTexts);

        string[] Texts(int count) => [.. Enumerable.Range(0, count).Select(_ => reader.ReadString())];
    }

    private static byte[] Hash(FeatureFile file, byte[] header)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header.AsSpan(0, HashStart));
        var bytes = new byte[1 << 20];
        for (long place = FeatureFile.HeaderSize; RandomAccess.Read(file.Handle, bytes, place) is > 0 and var read; place += read)
            hash.AppendData(bytes.AsSpan(0, read));
        return hash.GetHashAndReset();
    }

    private static void Write(byte[] header, int place, int value) => BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(place), value);

    private static int Read(byte[] header, int place) => BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(place));
}
