<%@ page contentType="text/plain; charset=UTF-8" %>It is <%= new java.util.Date() %>.
