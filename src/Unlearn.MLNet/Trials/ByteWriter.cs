using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Unlearn.MLNet.Trials;

/// <summary>Little-endian numbers and texts, one after the other.</summary>
internal sealed class ByteWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <summary>Begins anew, in the same memory.</summary>
    public void Clear() => _bytes.ResetWrittenCount();

    public void Integer(int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(sizeof(int)), number);
        _bytes.Advance(sizeof(int));
    }

    /// <summary>Writes a number; −0 as 0, since that is how SQLite keeps it.</summary>
    public void Number(double number)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(sizeof(double)), number + 0.0);
        _bytes.Advance(sizeof(double));
    }

    /// <summary>Writes a text, without its length.</summary>
    public void Text(string text) => _bytes.Advance(Encoding.UTF8.GetBytes(text, _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
}
