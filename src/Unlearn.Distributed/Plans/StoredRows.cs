using System.Runtime.InteropServices;
using System.Text;
using Unlearn.Transforms;

namespace Unlearn.Distributed.Plans;

/// <summary>Training rows as bytes: numbers, names of classes, ids, labels, features; all little-endian.</summary>
internal static class StoredRows
{
    private const string Magic = "unlearn-rows/1";
    private const int ValuesAtOnce = 1 << 20;

    /// <summary>Writes rows.</summary>
    public static void Write(TrainingRows rows, Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(rows.Count);
        writer.Write(rows.FeatureCount);
        writer.Write(rows.ClassCount);
        writer.Write(rows.ClassNames?.Count ?? 0);
        foreach (var name in rows.ClassNames ?? [])
            writer.Write(name);
        foreach (var id in rows.Ids)
            writer.Write(id);
        Write<long>(writer, rows.LabelValues);
        var features = new float[rows.FeatureCount];
        for (var row = 0; row < rows.Count; row++)
        {
            rows.ReadFeatures(row, features);
            writer.Write(MemoryMarshal.AsBytes(features.AsSpan()));
        }
    }

    /// <summary>Reads rows.</summary>
    /// <exception cref="FormatException">They are not rows.</exception>
    /// <exception cref="EndOfStreamException">They are cut off.</exception>
    public static TrainingRows Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (reader.ReadString() != Magic)
            throw new FormatException("These bytes are not rows.");
        var (count, features, classes) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        string[] names = Texts(reader.ReadInt32());
        string[] ids = Texts(count);
        var labels = Values<long>(reader, count);
        return new(ids, Values<float>(reader, checked(count * features)), features, labels, classes, names.Length == 0 ? null : names);

        string[] Texts(int number) => [.. Enumerable.Range(0, number).Select(_ => reader.ReadString())];
    }

    private static void Write<T>(BinaryWriter writer, T[] values) where T : unmanaged
    {
        for (var done = 0; done < values.Length; done += ValuesAtOnce)
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan(done, Math.Min(ValuesAtOnce, values.Length - done))));
    }

    private static T[] Values<T>(BinaryReader reader, int count) where T : unmanaged
    {
        var values = new T[count];
        for (var done = 0; done < count; done += ValuesAtOnce)
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(done, Math.Min(ValuesAtOnce, count - done))));
        return values;
    }
}
