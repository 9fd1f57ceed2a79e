using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Unlearn.Onnx;

/// <summary>Reads the fields of a message in the wire format of protocol buffers.</summary>
/// <param name="message">The message.</param>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private const int LengthDelimited = 2;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _next;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Value of the field, if it is a number; single-precision numbers are bits.</summary>
    public long Number { get; private set; }

    /// <summary>Content of the field, if it is a text, bytes, a message or packed numbers.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    private bool _isContent;

    /// <summary>Reads the next field.</summary>
    /// <exception cref="FormatException">The message is damaged.</exception>
    public bool Read()
    {
        if (_next == _message.Length)
            return false;
        var tag = Varint();
        Field = (int)(tag >> 3);
        _isContent = (tag & 7) == LengthDelimited;
        switch (tag & 7)
        {
            case 0:
                Number = (long)Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));
                break;
            case LengthDelimited:
                Content = Take(Varint());
                break;
            case 5:
                Number = BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));
                break;
            default:
                throw new FormatException("The ONNX model is damaged: a field has an unknown type.");
        }
        return true;
    }

    /// <summary>Adds the integers of a repeated field, packed or not.</summary>
    public readonly void AddIntegers(List<long> values)
    {
        if (!_isContent)
        {
            values.Add(Number);
            return;
        }
        var packed = new ProtoReader(Content);
        while (packed._next < packed._message.Length)
            values.Add((long)packed.Varint());
    }

    /// <summary>Adds the single-precision numbers of a repeated field, packed or not.</summary>
    public readonly void AddSingles(List<float> values)
    {
        if (_isContent)
            values.AddRange(MemoryMarshal.Cast<byte, float>(Content));
        else
            values.Add(BitConverter.Int32BitsToSingle((int)Number));
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_message.Length - _next))
            throw new FormatException("The ONNX model is damaged: a field ends behind its message.");
        var taken = _message.Slice(_next, (int)count);
        _next += (int)count;
        return taken;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
        throw new FormatException("The ONNX model is damaged: a number is too long.");
    }
}
