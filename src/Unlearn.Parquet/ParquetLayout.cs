using Parquet;
using Parquet.Meta;
using Parquet.Schema;

namespace Unlearn.Parquet;

/// <summary>Where a file's row groups and its footer begin.</summary>
/// <param name="Rows">Number of rows of each row group.</param>
/// <param name="Starts">First byte of each row group; 0 for those without rows. Empty where the row groups are not one after the other.</param>
/// <param name="Footer">First byte of the footer.</param>
internal sealed record ParquetLayout(IReadOnlyList<int> Rows, IReadOnlyList<long> Starts, long Footer)
{
    /// <param name="groups">The row groups, which were checked.</param>
    /// <param name="values">What is read of them.</param>
    /// <param name="footer">First byte of the footer.</param>
    public static ParquetLayout Of(IReadOnlyList<ParquetRowGroupReader> groups, IReadOnlyList<DataField> values, long footer)
    {
        var (starts, end, areInOrder) = (new long[groups.Count], 0L, true);
        foreach (var (number, group) in groups.Index().Where(entry => entry.Item.RowCount > 0))
        {
            List<ColumnMetaData> chunks = [.. values.Select(value => group.GetMetadata(value)!.MetaData!)];
            starts[number] = chunks.Min(StartOf);
            areInOrder &= starts[number] >= end;
            end = chunks.Max(chunk => StartOf(chunk) + chunk.TotalCompressedSize);
        }
        return new([.. groups.Select(group => (int)group.RowCount)], areInOrder && end <= footer ? starts : [], footer);
    }

    /// <summary>First byte of a column in a row group.</summary>
    public static long StartOf(ColumnMetaData chunk) =>
        Math.Min(chunk.DictionaryPageOffset is > 0 and var dictionary ? dictionary : long.MaxValue, chunk.DataPageOffset);

    /// <summary>Cuts the file between row groups. A file that cannot be cut is one slice, and one without rows is none.</summary>
    /// <param name="rows">Rows of a slice at most, unless it is a single row group.</param>
    public IReadOnlyList<ParquetSlice> Cut(long rows)
    {
        List<int> firsts = [];
        var inSlice = 0L;
        foreach (var (group, count) in Rows.Index().Where(entry => entry.Item > 0))
        {
            if (firsts.Count == 0 || Starts.Count > 0 && inSlice + count > rows)
            {
                firsts.Add(firsts.Count == 0 ? 0 : group);
                inSlice = 0;
            }
            inSlice += count;
        }
        return
        [
            .. firsts.Select((first, slice) => slice + 1 < firsts.Count
                ? new ParquetSlice(first, firsts[slice + 1] - first, StartOfSlice(first), Starts[firsts[slice + 1]], Footer)
                : new ParquetSlice(first, Rows.Count - first, StartOfSlice(first), Footer, Footer)),
        ];
    }

    // What is before the first row group belongs to it.
    private long StartOfSlice(int group) => group == 0 ? 0 : Starts[group];
}
