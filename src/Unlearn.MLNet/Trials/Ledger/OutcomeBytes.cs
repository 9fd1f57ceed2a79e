using System.Buffers.Binary;
using System.Text;
using Unlearn.MLNet.Measuring;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>
/// Packs the outcomes of a trial into one blob, since a trial has hundreds of them. Each outcome is the length of the row's id, the id and four numbers.
/// A number that was not measured is NaN.
/// </summary>
internal static class OutcomeBytes
{
    // Bytes of an outcome without its id.
    private const int Smallest = sizeof(int) + 4 * sizeof(double);

    /// <summary>Packs outcomes.</summary>
    /// <param name="outcomes">The outcomes.</param>
    /// <param name="bytes">Working memory.</param>
    public static byte[] Pack(IReadOnlyList<RowOutcome> outcomes, ByteWriter bytes)
    {
        bytes.Clear();
        foreach (var outcome in outcomes)
        {
            bytes.Integer(Encoding.UTF8.GetByteCount(outcome.RowId));
            bytes.Text(outcome.RowId);
            bytes.Number(outcome.ConfidenceBefore);
            bytes.Number(outcome.ConfidenceAfter);
            bytes.Number(outcome.LogitConfidenceAfter ?? double.NaN);
            bytes.Number(outcome.ChangedNeighbors ?? double.NaN);
        }
        return bytes.Written.ToArray();
    }

    /// <summary>Unpacks outcomes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="ids">Ids read so far; new ids are added. Trials share their rows, so each id needs to be in memory only once.</param>
    /// <exception cref="FormatException">The bytes are not packed outcomes.</exception>
    public static IReadOnlyList<RowOutcome> Unpack(ReadOnlySpan<byte> bytes, HashSet<string> ids)
    {
        var outcomes = new List<RowOutcome>(bytes.Length / Smallest);
        while (!bytes.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(Take(ref bytes, sizeof(int)));
            var id = Text(Take(ref bytes, length), ids);
            outcomes.Add(new()
            {
                RowId = id,
                ConfidenceBefore = Number(ref bytes),
                ConfidenceAfter = Number(ref bytes),
                LogitConfidenceAfter = Optional(ref bytes),
                ChangedNeighbors = Optional(ref bytes),
            });
        }
        return outcomes;
    }

    private static string Text(ReadOnlySpan<byte> bytes, HashSet<string> ids)
    {
        const int LongestShared = 256;
        if (bytes.Length > LongestShared)
            return Encoding.UTF8.GetString(bytes);
        Span<char> characters = stackalloc char[LongestShared];
        characters = characters[..Encoding.UTF8.GetChars(bytes, characters)];
        if (ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(characters, out var known))
            return known;
        var id = characters.ToString();
        ids.Add(id);
        return id;
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
