using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Unlearn.Transforms.Tests.Rows;

/// <summary>Row ids for data that have none: the positions of the rows, which stay with them.</summary>
public sealed class RowIdTests
{
    private const int Count = 30;
    private const int Width = 4;
    private readonly MLContext _context = new(1);

    private IDataView WithoutIds => _context.Transforms.DropColumns("RowId").Fit(WithIds).Transform(WithIds);

    private IDataView WithIds => TinyRows.View(_context, TinyRows.Create(Count, Width), Width);

    [Fact]
    public void Ids_are_positions_from_0()
    {
        var view = _context.Data.AddRowIds(WithoutIds);
        Assert.Equal(WithIds.GetColumn<string>("RowId"), view.GetColumn<string>("RowId"));
        Assert.Equal(WithIds.GetColumn<float[]>("Features"), view.GetColumn<float[]>("Features"));
        Assert.Equal(WithIds.GetColumn<uint>("Label"), view.GetColumn<uint>("Label"));
    }

    [Fact]
    public void Ids_stay_with_their_rows_when_these_are_filtered_and_shuffled()
    {
        var view = _context.Data.ShuffleRows(
            _context.Data.FilterRowsByKeyColumnFraction(_context.Data.AddRowIds(WithoutIds, "Id"), "Label", upperBound: 0.5), seed: 3);
        var expected = WithIds.GetColumn<string>("RowId").Zip(WithIds.GetColumn<float[]>("Features")).ToDictionary(row => row.First, row => row.Second);
        var ids = view.GetColumn<string>("Id").ToList();
        Assert.InRange(ids.Count, 1, Count - 1);
        Assert.NotEqual(ids.OrderBy(int.Parse), ids);
        Assert.Equal(ids.Select(id => expected[id]), view.GetColumn<float[]>("Features"));
    }

    [Fact]
    public void Readers_that_shuffle_or_share_the_work_get_the_same_ids()
    {
        var view = _context.Data.AddRowIds(WithoutIds);
        var columns = new[] { view.Schema["RowId"], view.Schema["Label"] };
        List<(string, uint)> Read(IEnumerable<DataViewRowCursor> cursors) => [.. cursors.SelectMany(Rows).OrderBy(row => int.Parse(row.Item1))];
        Assert.False(view.CanShuffle);
        Assert.Equal(Read([view.GetRowCursor(columns)]), Read([view.GetRowCursor(columns, new Random(5))]));
        Assert.Equal(Read([view.GetRowCursor(columns)]), Read(view.GetRowCursorSet(columns, 4, new Random(5))));
        Assert.Equal(Count, Read(view.GetRowCursorSet(columns, 4)).Count);
    }

    [Fact]
    public void Rows_are_read_when_they_are_asked_for_and_no_further()
    {
        var read = 0;
        IEnumerable<TinyRows.Row> Rows()
        {
            foreach (var row in TinyRows.Create(Count, Width))
            {
                read++;
                yield return row;
            }
        }
        var view = _context.Data.AddRowIds(TinyRows.View(_context, Rows(), Width), "Id");
        Assert.Equal(0, read);
        using var cursor = view.GetRowCursor([view.Schema["Id"]]);
        Assert.True(cursor.MoveNext() && cursor.MoveNext());
        Assert.InRange(read, 2, 3);
        Assert.False(cursor.IsColumnActive(view.Schema["Features"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(view.Schema["Id"]));
    }

    [Fact]
    public void What_needs_ids_names_the_remedy_and_takes_them()
    {
        var missing = Assert.Throws<ArgumentOutOfRangeException>(() => TrainingRows.FromDataView(WithoutIds));
        Assert.Contains("Could not find row id column 'RowId' among 'Features', 'Label'", missing.Message, StringComparison.Ordinal);
        Assert.Contains("mlContext.Data.AddRowIds(data)", missing.Message, StringComparison.Ordinal);

        using var rows = TrainingRows.FromDataView(_context.Data.AddRowIds(WithoutIds));
        using var expected = TinyRows.Training(Count, Width);
        Assert.Equal(expected.ContentHash, rows.ContentHash);
    }

    [Fact]
    public void A_column_that_is_there_is_not_replaced() => Assert.Contains(
        "There is a column 'RowId' already", Assert.Throws<ArgumentException>(() => _context.Data.AddRowIds(WithIds)).Message, StringComparison.Ordinal);

    private static IEnumerable<(string Id, uint Label)> Rows(DataViewRowCursor cursor)
    {
        using (cursor)
        {
            var id = cursor.GetGetter<ReadOnlyMemory<char>>(cursor.Schema["RowId"]);
            var label = cursor.GetGetter<uint>(cursor.Schema["Label"]);
            while (cursor.MoveNext())
            {
                var (text, number) = (default(ReadOnlyMemory<char>), default(uint));
                id(ref text);
                label(ref number);
                yield return ($"{text}", number);
            }
        }
    }
}
