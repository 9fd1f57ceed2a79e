using System.Buffers.Binary;
using System.Text;

namespace Unlearn.MLNet.Trials.Sqlite;

/// <summary>The outcomes of a trial in one blob, since trials have hundreds of them: of each the row's id after its length, and four numbers, not a number for what was not measured.</summary>
internal static class OutcomeBytes
{
    /// <summary>Packs outcomes.</summary>
    public static byte[] Pack(IReadOnlyList<RowOutcome> outcomes)
    {
        var bytes = new ByteWriter();
        foreach (var outcome in outcomes)
        {
            bytes.Integer(Encoding.UTF8.GetByteCount(outcome.RowId));
            bytes.Text(outcome.RowId);
            bytes.Number(outcome.ConfidenceBefore);
            bytes.Number(outcome.ConfidenceAfter);
            bytes.Number(outcome.LogitConfidenceAfter ?? double.NaN);
            bytes.Number(outcome.ChangedNeighbours ?? double.NaN);
        }
        return bytes.Written.ToArray();
    }

    /// <summary>Unpacks outcomes.</summary>
    /// <exception cref="FormatException">The bytes are not of outcomes.</exception>
    public static IReadOnlyList<RowOutcome> Unpack(ReadOnlySpan<byte> bytes)
    {
        List<RowOutcome> outcomes = [];
        while (!bytes.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(Take(ref bytes, sizeof(int)));
            var id = Encoding.UTF8.GetString(Take(ref bytes, length));
            outcomes.Add(new(id, Number(ref bytes), Number(ref bytes)) { LogitConfidenceAfter = Optional(ref bytes), ChangedNeighbours = Optional(ref bytes) });
        }
        return outcomes;
    }

    private static double? Optional(ref ReadOnlySpan<byte> bytes) => Number(ref bytes) is var number && double.IsNaN(number) ? null : number;

    private static double Number(ref ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadDoubleLittleEndian(Take(ref bytes, sizeof(double)));

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, int length)
    {
        if ((uint)length > (uint)bytes.Length)
            throw new FormatException("The bytes are not of outcomes.");
        var taken = bytes[..length];
        bytes = bytes[length..];
        return taken;
    }
}
