using System.Buffers.Binary;

namespace Unlearn.Parquet;

/// <summary>
/// Whether the footer of a file is whole: Thrift's compact protocol with the types of parquet.thrift. The library reads what a footer
/// should be, whatever it says, and of some damaged ones it reads for ever.
/// </summary>
internal ref struct FooterCheck
{
    private const int DeepestStruct = 32;

    // Of each struct, what its fields hold: n numbers, b bytes, f flags, d doubles, a name is a struct; «*» before it is a list.
    private static readonly Dictionary<string, string[]> Structs = new(StringComparer.Ordinal)
    {
        ["File"] = ["n", "*Schema", "n", "*Group", "*Pair", "b", "*Any", "Any", "b"],
        ["Schema"] = ["n", "n", "n", "b", "n", "n", "n", "n", "n", "Logical"],
        ["Group"] = ["*Chunk", "n", "n", "*Sorting", "n", "n", "n"],
        ["Chunk"] = ["b", "n", "Column", "n", "n", "n", "n", "Any", "b"],
        ["Column"] = ["n", "*n", "*b", "n", "n", "n", "n", "*Pair", "n", "n", "n", "Statistics", "*Encoding", "n", "n", "Sizes", "Any"],
        ["Pair"] = ["b", "b"],
        ["Statistics"] = ["b", "b", "n", "n", "b", "b", "f", "f"],
        ["Encoding"] = ["n", "n", "n"],
        ["Sizes"] = ["n", "*n", "*n"],
        ["Sorting"] = ["n", "f", "f"],
        ["Logical"] = ["Any", "Any", "Any", "Any", "Decimal", "Any", "Time", "Time", "Any", "Integer", "Any", "Any", "Any", "Any", "Any", "Any", "Any", "Any"],
        ["Decimal"] = ["n", "n"],
        ["Time"] = ["f", "Any"],
        ["Integer"] = ["y", "f"],
        ["Any"] = [],
    };

    private readonly ReadOnlySpan<byte> _bytes;
    private int _next;

    private FooterCheck(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <returns>Where the footer begins.</returns>
    /// <exception cref="IOException">The file does not end in a whole footer.</exception>
    public static long Require(string path)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        var end = new byte[8];
        if (length < 12 || RandomAccess.Read(file, end, length - end.Length) < end.Length || !end.AsSpan(4).SequenceEqual("PAR1"u8))
            throw new IOException("It does not end as Parquet files do.");
        var size = BinaryPrimitives.ReadInt32LittleEndian(end);
        if (size < 1 || size > length - 12)
            throw Damaged();
        var footer = new byte[size];
        var start = length - end.Length - size;
        if (RandomAccess.Read(file, footer, start) < size)
            throw Damaged();
        new FooterCheck(footer).Struct("File", 0);
        return start;
    }

    private static IOException Damaged() => new("Its footer is damaged.");

    private void Struct(string name, int depth)
    {
        if (depth > DeepestStruct)
            throw Damaged();
        var fields = Structs[name];
        var id = 0L;
        while (Byte() is > 0 and var header)
        {
            id = header >> 4 is > 0 and var step ? id + step : Number();
            if (id is < 0 or > short.MaxValue)
                throw Damaged();
            var kind = id > 0 && id <= fields.Length ? fields[id - 1] : null;
            Value(header & 15, kind, depth, isInList: false);
        }
    }

    // Without a kind, a value may be of any type: fields of later versions.
    private void Value(int type, string? kind, int depth, bool isInList)
    {
        var isRight = kind switch
        {
            null => true,
            "n" => type is 4 or 5 or 6,
            "y" => type == 3,
            "b" => type == 8,
            "f" => type is 1 or 2,
            ['*', ..] => type is 9 or 10,
            _ => type == 12,
        };
        if (!isRight)
            throw Damaged();
        switch (type)
        {
            case 1 or 2:
                _next += isInList ? 1 : 0;
                break;
            case 3:
                Byte();
                break;
            case 4 or 5 or 6:
                Number();
                break;
            case 7:
                Skip(8);
                break;
            case 8:
                Skip(Number(isZigzag: false));
                break;
            case 9 or 10:
                var header = Byte();
                var count = header >> 4 is < 15 and var few ? few : Number(isZigzag: false);
                if (count > _bytes.Length - _next)
                    throw Damaged();
                for (var i = 0L; i < count; i++)
                    Value(header & 15, kind?[1..], depth, isInList: true);
                break;
            case 12:
                Struct(kind ?? "Any", depth + 1);
                break;
            default:
                throw Damaged();
        }
    }

    private int Byte() => _next < _bytes.Length ? _bytes[_next++] : throw Damaged();

    private void Skip(long count)
    {
        if (count < 0 || count > _bytes.Length - _next)
            throw Damaged();
        _next += (int)count;
    }

    private long Number(bool isZigzag = true)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
                return isZigzag ? (long)(value >> 1) ^ -(long)(value & 1) : (long)value;
        }
        throw Damaged();
    }
}
