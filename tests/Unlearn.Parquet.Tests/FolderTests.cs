using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Tests;
using Xunit;

namespace Unlearn.Parquet.Tests;

/// <summary>The files of a folder are one view.</summary>
public sealed class FolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _mlContext = new(1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_come_in_the_order_of_the_files_names()
    {
        Save("b", 5, 6, 7, 8);
        Save("a", 0, 1, 2, 3, 4);
        Save("c");
        File.WriteAllText(_folder.File("notes.txt"), "no part");
        var view = _mlContext.Data.LoadFromParquet(_folder.Path);
        Assert.Equal(9, view.GetRowCount());
        Assert.Equal(Enumerable.Range(0, 9), view.GetColumn<int>("Int"));
        Assert.Equal(Enumerable.Range(0, 9).Select(number => new[] { number, 2f }), view.GetColumn<float[]>("Vector"));
        Assert.Equal(Enumerable.Range(0, 9).Select(number => $"t{number}"), _mlContext.Data.LoadFromParquet(_folder.Path, "Text").GetColumn<string>("Text"));
    }

    [Fact]
    public void Several_cursors_share_the_row_groups_of_all_files_and_ids_are_those_of_one_cursor()
    {
        Save("a", 0, 1, 2, 3, 4);
        Save("b", 5, 6, 7);
        var view = _mlContext.Data.LoadFromParquet(_folder.Path);
        var alone = Read(view.GetRowCursor([view.Schema["Int"]]));
        Assert.Equal(alone, view.GetRowCursorSet([view.Schema["Int"]], 3).SelectMany(Read).OrderBy(row => row.Value));
        Assert.Equal(8, alone.Select(row => row.Id).Distinct().Count());

        List<(int Value, DataViewRowId Id)> Read(DataViewRowCursor cursor)
        {
            using (cursor)
            {
                var (values, ids) = (cursor.GetGetter<int>(view.Schema["Int"]), cursor.GetIdGetter());
                List<(int, DataViewRowId)> rows = [];
                var (value, id) = (0, default(DataViewRowId));
                while (cursor.MoveNext())
                {
                    values(ref value);
                    ids(ref id);
                    rows.Add((value, id));
                }
                return rows;
            }
        }
    }

    [Fact]
    public void Files_with_other_columns_are_refused_by_name()
    {
        Save("a", 0, 1);
        _mlContext.Data.SaveAsParquet(ParquetRow.View(_mlContext, [new() { Vector = [1], Doubles = [1] }], 1), _folder.File("b.parquet"));
        var length = Assert.Throws<InvalidDataException>(() => _mlContext.Data.LoadFromParquet(_folder.Path));
        Assert.Contains($"Column 'Vector' of Vector<Single, 1> of '{_folder.File("b.parquet")}' is 'Vector' of Vector<Single, 2>", length.Message,
            StringComparison.Ordinal);
        Assert.Equal([0, 1, 0], _mlContext.Data.LoadFromParquet(_folder.Path, "Int").GetColumn<int>("Int"));

        var few = _mlContext.Transforms.SelectColumns("Single", "Double").Fit(_mlContext.Data.LoadFromParquet(_folder.File("a.parquet")));
        _mlContext.Data.SaveAsParquet(few.Transform(_mlContext.Data.LoadFromParquet(_folder.File("a.parquet"))), _folder.File("b.parquet"));
        var count = Assert.Throws<InvalidDataException>(() => _mlContext.Data.LoadFromParquet(_folder.Path));
        Assert.Contains($"'{_folder.File("b.parquet")}' has 2 columns, but '{_folder.File("a.parquet")}' has 8", count.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_files_is_told() => Assert.Contains("has no file '*.parquet'",
        Assert.Throws<FileNotFoundException>(() => _mlContext.Data.LoadFromParquet(_folder.Path)).Message, StringComparison.Ordinal);

    private void Save(string name, params int[] numbers)
    {
        var rows = numbers.Select(number => new ParquetRow { Int = number, Text = $"t{number}", Vector = [number, 2], Doubles = [number, 2] });
        _mlContext.Data.SaveAsParquet(ParquetRow.View(_mlContext, rows, 2), _folder.File($"{name}.parquet"), rowsPerGroup: 2);
    }
}
